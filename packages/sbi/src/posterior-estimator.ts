import type { Key, NdArray } from '@lensfield/contracts';
import {
  conditionalDensity,
  type FlowDensity,
  type FlowParameters,
  mixtureDensity,
  type RealNvp,
} from '@lensfield/flows';
import { foldIn, InvalidArgumentError, NumericalError } from '@lensfield/kernels';
import { type DirectPosterior, directPosterior, thetaOf } from './direct-posterior.ts';
import type { JointPrior } from './joint-prior.ts';
import { checkObservation, type ObservationCheck, type SummaryDistribution } from './observation-check.ts';

/** What a trained estimator consists of: plain data. */
export interface PosteriorEstimatorParts {
  readonly prior: JointPrior;
  readonly flow: RealNvp;
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
  /** Parameter draws for many observations, [n, numSummaries] to [n, numDraws, names.length]. */
  sampleMany(key: Key, summaries: NdArray<Float32Array>, numDraws: number): NdArray<Float32Array>;
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
      return { ...posterior, observationCheck, warnings: warningsOf(observationCheck) };
    },
    sampleMany(key, summaries, numDraws) {
      requireFiniteSummaries(summaries);
      const draws = thetaOf(prior, density.sampleMany(foldIn(key, 0), summaries, numDraws));
      return prior.region ? redrawn(parts, density, key, summaries, draws) : draws;
    },
  };
}

/** Rounds of redrawing what lies outside a truncated prior: enough unless less than a few per cent lies inside. */
const MAX_ROUNDS = 200;

/** Replaces draws outside the prior's region by others of the same observation. */
function redrawn(
  { prior }: PosteriorEstimatorParts,
  density: FlowDensity,
  key: Key,
  summaries: NdArray<Float32Array>,
  draws: NdArray<Float32Array>,
): NdArray<Float32Array> {
  const [, numDraws, size] = draws.shape;
  const width = summaries.shape[1];
  let wanting = Array.from({ length: draws.data.length / size }, (_, i) => i);
  let candidates = draws.data;
  for (let round = 1; ; round++) {
    const inside = prior.region!.containsMany({ shape: [wanting.length, size], data: candidates });
    wanting.forEach((at, i) => {
      if (inside[i]) draws.data.set(candidates.subarray(i * size, (i + 1) * size), at * size);
    });
    wanting = wanting.filter((_, i) => !inside[i]);
    if (wanting.length === 0) return draws;
    if (round === MAX_ROUNDS) throw outsideOf(wanting.length, draws.data.length / size);
    const context = new Float32Array(wanting.length * width);
    wanting.forEach((at, i) => {
      const row = Math.floor(at / numDraws);
      context.set(summaries.data.subarray(row * width, (row + 1) * width), i * width);
    });
    const again = density.sampleMany(
      foldIn(key, round),
      { shape: [wanting.length, width], data: context },
      1,
    );
    candidates = thetaOf(prior, again).data;
  }
}

function outsideOf(numOutside: number, numDraws: number): NumericalError {
  return new NumericalError(
    'leakedFraction',
    `sbi.sampleMany: draws must lie inside the truncated prior; ${numOutside} of ${numDraws} do not after ${MAX_ROUNDS} tries. Pass summaries of simulations from that prior.`,
  );
}

function warningsOf({ isUnusual, distance, percentile }: ObservationCheck): string[] {
  if (!isUnusual) return [];
  return [
    `The observation is farther from the mean of the simulations (Mahalanobis distance ${distance.toFixed(1)}) than ${(percentile * 100).toFixed(1)} % of them: the posterior extrapolates. Check map, survey and prior.`,
  ];
}

function requireFiniteSummaries({ data, shape }: NdArray<Float32Array>): void {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new InvalidArgumentError(
    'summaries',
    `sbi.sampleMany: summaries must be finite; got ${data[bad]} in row ${Math.floor(bad / shape[1])}.`,
  );
}
