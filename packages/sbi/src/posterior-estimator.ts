import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import {
  conditionalDensity,
  type Flow,
  type FlowDensity,
  type FlowParameters,
  mixtureDensity,
} from '@lensfield/flows';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import { repeatRows } from '@lensfield/tensors';
import { coordinatesOf, type DirectPosterior, directPosterior, thetaOf } from './direct-posterior.ts';
import type { JointPrior } from './joint-prior.ts';
import {
  checkObservation,
  type ObservationCheck,
  observationWarnings,
  type SummaryDistribution,
} from './observation-check.ts';

/** What a trained estimator consists of: plain data. */
export interface PosteriorEstimatorParts {
  readonly prior: JointPrior;
  readonly flow: Flow;
  /** One set of parameters for each member of the ensemble. */
  readonly members: readonly FlowParameters[];
  readonly trainingSummaries: SummaryDistribution;
}

/** A posterior together with how usual its observation is. */
export interface ObservedPosterior extends DirectPosterior {
  readonly observationCheck: ObservationCheck;
  /** What a reader of the result should know, in words; usually empty. */
  readonly warnings: readonly string[];
}

/** q(theta | summaries) for any observation: an ensemble of flows in the prior's unconstrained coordinates. */
export interface PosteriorEstimator extends PosteriorEstimatorParts {
  readonly names: readonly string[];
  /** q(u | summaries). */
  readonly density: FlowDensity;
  /**
   * The posterior of one observation, given by its summaries [numSummaries].
   *
   * @throws {InvalidArgumentError} if a summary is missing or not finite.
   */
  posteriorFor(observation: Float32Array): ObservedPosterior;
  /**
   * Parameter draws for many observations, [n, numSummaries] to [n, numDraws, names.length]. With a truncated prior, draws stay
   * outside it only where less than some 1e-5 of the density is inside.
   */
  sampleMany(key: Key, summaries: NdArray<Float32Array>, numDraws: number): NdArray<Float32Array>;
  /**
   * Log densities of points for many observations: theta [n, k, names.length], the k of each row given the same row of `summaries`, to
   * [n * k]. Normalised over the whole support, also where the prior is truncated; -Infinity outside it.
   */
  logProbMany(theta: NdArray<FloatArray>, summaries: NdArray<Float32Array>): Float64Array;
}

/** Puts an estimator together from its parts, after training or from a file. */
export function posteriorEstimator(parts: PosteriorEstimatorParts): PosteriorEstimator {
  const { prior, flow, members, trainingSummaries } = parts;
  const density = mixtureDensity(members.map((parameters) => conditionalDensity(flow, parameters)));
  return {
    ...parts,
    names: prior.names,
    density,
    posteriorFor(observation) {
      const posterior = directPosterior({ density, prior, context: observation });
      const observationCheck = checkObservation(trainingSummaries, observation);
      return { ...posterior, observationCheck, warnings: observationWarnings(observationCheck) };
    },
    sampleMany(key, summaries, numDraws) {
      requireFiniteSummaries('sampleMany', summaries);
      const draws = thetaOf(prior, density.sampleMany(foldIn(key, 0), summaries, numDraws));
      return prior.region ? redrawn(parts, density, key, summaries, draws) : draws;
    },
    logProbMany(theta, summaries) {
      requireFiniteSummaries('logProbMany', summaries);
      const [n, k, size] = theta.shape as [number, number, number];
      const { u, logJacobian } = coordinatesOf(prior, { shape: [n * k, size], data: theta.data });
      const logProb = density.logProb(u, repeatRows(summaries, k));
      return logJacobian.map((value, row) => logProb[row] - value);
    },
  };
}

/** Candidates of one round of redrawing, and how many rounds: some 10^5 for each of the last draws. */
const CANDIDATES = 8192;
const MAX_ROUNDS = 100;

/**
 * Replaces draws outside the prior's region by others of the same observation. A draw for which none is found stays outside,
 * where it counts against the estimator: next to all of its mass is where the prior has none.
 */
function redrawn(
  { prior }: PosteriorEstimatorParts,
  density: FlowDensity,
  key: Key,
  summaries: NdArray<Float32Array>,
  draws: NdArray<Float32Array>,
): NdArray<Float32Array> {
  const [, numDraws, size] = draws.shape;
  const width = summaries.shape[1];
  const isInside = (data: Float32Array) =>
    prior.region!.containsMany({ shape: [data.length / size, size], data });
  let inside = isInside(draws.data);
  let wanting = Array.from(inside.keys()).filter((at) => !inside[at]);
  for (let round = 1; wanting.length > 0 && round <= MAX_ROUNDS; round++) {
    const context = new Float32Array(wanting.length * width);
    wanting.forEach((at, i) => {
      const row = Math.floor(at / numDraws);
      context.set(summaries.data.subarray(row * width, (row + 1) * width), i * width);
    });
    const tries = Math.ceil(CANDIDATES / wanting.length);
    const shared = { shape: [wanting.length, width], data: context };
    const candidates = thetaOf(prior, density.sampleMany(foldIn(key, round), shared, tries)).data;
    inside = isInside(candidates);
    wanting = wanting.filter((at, i) => {
      const own = inside.slice(i * tries, (i + 1) * tries).indexOf(true);
      if (own < 0) return true;
      const found = i * tries + own;
      draws.data.set(candidates.subarray(found * size, (found + 1) * size), at * size);
      return false;
    });
  }
  return draws;
}

/** @throws {InvalidArgumentError} if a summary is not finite. */
export function requireFiniteSummaries(where: string, { data, shape }: NdArray<Float32Array>): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new InvalidArgumentError(
    'summaries',
    `sbi.${where}: summaries must be finite; got ${data[bad]} in row ${Math.floor(bad / shape[1])}.`,
  );
}
