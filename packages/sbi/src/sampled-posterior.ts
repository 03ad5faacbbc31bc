import type { FloatArray, Key, NdArray, Posterior } from '@lensfield/contracts';
import { coordinatesOf, thetaOf } from './direct-posterior.ts';
import type { JointPrior } from './joint-prior.ts';
import type { ObservationCheck } from './observation-check.ts';
import { type ChainDraws, chainDraws } from './sampling/chain-draws.ts';
import { adaptedDraws } from './sampling/importance.ts';
import type { EnsembleLikelihood } from './sampling/likelihood-evaluator.ts';
import { type LinearStart, startFactor, startMean } from './sampling/linear-start.ts';
import { pointDensity, tile } from './sampling/posterior-density.ts';
import { type SamplingOptions, samplingSettings } from './sampling/sampling-options.ts';
import { reportOfChains, type SamplingReport } from './sampling/sampling-report.ts';
import type { StudentProposal } from './sampling/student-proposal.ts';
import { importanceDraws, rejectionDraws, type UnconstrainedDraws } from './sampling/weighted-sampling.ts';

/** Draws of a posterior and what they are worth. */
export interface PosteriorDraws {
  /** Shape [n, names.length]. */
  readonly samples: NdArray<Float32Array>;
  readonly report: SamplingReport;
}

/** The integral of likelihood times prior, by importance sampling. */
export interface Evidence {
  /** In nats. Of a ratio estimator it is near 0 if its ratios are normalised. */
  readonly logEvidence: number;
  readonly standardError: number;
  /** Effective number of the 20 000 weighted draws behind it: below some hundreds it is not to be trusted. */
  readonly effectiveSampleSize: number;
}

/** A posterior known up to its evidence, drawn from by a sampler. */
export interface SampledPosterior extends Posterior {
  /** Draws with their report; `sample` gives the same draws without it. */
  draw(key: Key, n: number): PosteriorDraws;
  /** log of likelihood (or ratio) times prior for rows of theta [n, names.length]: not normalised; -Infinity outside the support. */
  logDensityMany(theta: NdArray<FloatArray>): Float64Array;
  /** `logDensityMany` less the log evidence as estimated: normalised to its standard error. */
  logProbMany(theta: NdArray<FloatArray>): Float64Array;
  logProb(theta: Float64Array): number;
  /** Estimated at the first call. */
  evidence(): Evidence;
  readonly observationCheck: ObservationCheck;
  /** Of the observation, in words; usually empty. Those of the draws are in their report. */
  readonly warnings: readonly string[];
}

export interface SampledPosteriorParts {
  readonly prior: JointPrior;
  readonly likelihood: EnsembleLikelihood;
  readonly start: LinearStart;
  readonly observation: Float32Array;
  readonly observationCheck: ObservationCheck;
  readonly warnings: readonly string[];
  readonly sampling?: SamplingOptions;
}

const EVIDENCE_KEY: Key = [0, 0xe71d];
const EVIDENCE_DRAWS = 20_000;
/** Draws of a chain, at least: R-hat and effective sizes of shorter ones say little. */
const LEAST_CHAIN_DRAWS = 40;

/** Puts the posterior of one observation together. */
export function sampledPosterior(parts: SampledPosteriorParts): SampledPosterior {
  const { prior } = parts;
  const size = prior.names.length;
  let known: Evidence | undefined;
  const evidence = () => {
    known ??= evidenceOf(parts);
    return known;
  };
  const draw = (key: Key, n: number): PosteriorDraws => {
    const { u, report } = unconstrainedDraws(parts, key, n);
    const samples = thetaOf(prior, { shape: [n, size], data: Float32Array.from(u) });
    return { samples, report };
  };
  const logDensityMany = (theta: NdArray<FloatArray>) => logDensities(parts, theta);
  const logProbMany = (theta: NdArray<FloatArray>) => {
    const { logEvidence } = evidence();
    return logDensityMany(theta).map((value) => value - logEvidence);
  };
  return {
    names: prior.names,
    draw,
    sample: (key, n) => draw(key, n).samples,
    logDensityMany,
    logProbMany,
    logProb: (theta) => logProbMany({ shape: [1, size], data: theta })[0],
    evidence,
    observationCheck: parts.observationCheck,
    warnings: parts.warnings,
  };
}

function unconstrainedDraws(parts: SampledPosteriorParts, key: Key, n: number): UnconstrainedDraws {
  const { method, numChains, numWarmup } = samplingSettings(parts.sampling);
  if (method === 'importance')
    return withDensity(parts, (density) => importanceDraws(key, density, proposalOf(parts), n));
  if (method === 'rejection')
    return withDensity(parts, (density) => rejectionDraws(key, density, proposalOf(parts), n));
  const numSamples = Math.max(LEAST_CHAIN_DRAWS, Math.ceil(n / numChains));
  const summaries = {
    shape: [numChains, parts.observation.length],
    data: tile(parts.observation, numChains),
  };
  const draws = chainDraws(key, { ...parts, summaries, method, numWarmup, numSamples });
  return { u: evenly(draws, n), report: reportOfChains(draws, method) };
}

/** The linear-Gaussian guess, where proposals start. */
const proposalOf = ({ start, observation }: SampledPosteriorParts): StudentProposal => ({
  centre: startMean(start, observation),
  factor: startFactor(start),
});

/** n of the draws of all chains, evenly spaced along them. */
function evenly({ samples }: ChainDraws, n: number): Float64Array {
  const [chains, draws, size] = samples.shape;
  const out = new Float64Array(n * size);
  for (let i = 0; i < n; i++) {
    // Draw by draw, the chains in turn.
    const place = Math.floor((i * chains * draws) / n);
    const at = ((place % chains) * draws + Math.floor(place / chains)) * size;
    out.set(samples.data.subarray(at, at + size), i * size);
  }
  return out;
}

function withDensity<T>(
  { prior, likelihood, observation }: SampledPosteriorParts,
  use: (density: (points: Float64Array) => Float64Array) => T,
  mostPoints = Infinity,
): T {
  const density = pointDensity(prior, likelihood, observation, mostPoints);
  try {
    return use(density.evaluate);
  } finally {
    density.dispose();
  }
}

function evidenceOf(parts: SampledPosteriorParts): Evidence {
  return withDensity(parts, (density) => {
    const draws = adaptedDraws(density, proposalOf(parts), EVIDENCE_KEY, EVIDENCE_DRAWS);
    const { logEvidence, standardError, effectiveSampleSize } = draws;
    return { logEvidence, standardError, effectiveSampleSize };
  });
}

/** In theta: the density in u over |d theta / d u|. */
function logDensities(parts: SampledPosteriorParts, theta: NdArray<FloatArray>): Float64Array {
  const { u, logJacobian } = coordinatesOf(parts.prior, theta);
  const values = withDensity(parts, (density) => density(Float64Array.from(u.data)), theta.shape[0]);
  return values.map((value, row) => (logJacobian[row] === Infinity ? -Infinity : value - logJacobian[row]));
}
