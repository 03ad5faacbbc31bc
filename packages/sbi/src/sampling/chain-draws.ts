import type { Key, NdArray } from '@lensfield/contracts';
import {
  blockMetric,
  type ManyChainsResult,
  type ManyLogDensities,
  type ManyNutsResult,
  manyNuts,
  manySlice,
  runManyChains,
} from '@lensfield/hmc';
import { foldIn, NumericalError } from '@lensfield/kernels';
import type { JointPrior } from '../joint-prior.ts';
import type { EnsembleLikelihood } from './likelihood-evaluator.ts';
import { drawAbout, type LinearStart, startFactor, startMean } from './linear-start.ts';
import { posteriorDensity } from './posterior-density.ts';

export interface ChainOptions {
  readonly prior: JointPrior;
  readonly likelihood: EnsembleLikelihood;
  readonly start: LinearStart;
  /** The observation of each chain, shape [chains, numSummaries]. */
  readonly summaries: NdArray<Float32Array>;
  readonly method: 'nuts' | 'slice';
  readonly numWarmup: number;
  readonly numSamples: number;
}

/** Draws of u, with what NUTS has to say of them. */
export type ChainDraws = ManyChainsResult & Partial<ManyNutsResult>;

/**
 * Rate that NUTS steers to: trajectories of neural densities bend more than their step sizes say, and a call costs the same for a chain that
 * waits at the end of its draws.
 */
const TARGET_ACCEPTANCE = 0.85;

/** Runs a chain for each row of the summaries, from the linear-Gaussian guess of its posterior and with its covariance as metric. */
export function chainDraws(key: Key, options: ChainOptions): ChainDraws {
  const { prior, likelihood, start, summaries, method, numWarmup, numSamples } = options;
  const { logDensities, dispose } = posteriorDensity(prior, likelihood, summaries.data);
  try {
    const initialPositions = startsInside(foldIn(key, 0), start, summaries, logDensities);
    const shared = { key: foldIn(key, 1), logDensities, initialPositions, numWarmup, numSamples };
    if (method === 'slice') return runManyChains(manySlice({ ...shared, initialWidth: 0.5 }));
    const initialMetric = blockMetric(covarianceOf(startFactor(start)), new Float64Array(0));
    return runManyChains(
      manyNuts({ ...shared, initialMetric, initialStepSize: 0.5, targetAcceptanceRate: TARGET_ACCEPTANCE }),
    );
  } finally {
    dispose();
  }
}

/** Guesses tried for a chain before it is given up. */
const MOST_GUESSES = 200;

/** A guess for each chain at which its density is finite. */
function startsInside(
  key: Key,
  start: LinearStart,
  summaries: NdArray<Float32Array>,
  logDensities: ManyLogDensities,
): NdArray<Float64Array> {
  const [chains, width] = summaries.shape;
  const size = start.yMean.data.length;
  const means = new Float64Array(chains * size);
  for (let c = 0; c < chains; c++)
    means.set(startMean(start, summaries.data.subarray(c * width, (c + 1) * width)), c * size);
  const factor = startFactor(start);
  const positions = drawAbout(foldIn(key, 0), means, factor);
  const values = new Float64Array(chains);
  for (let guess = 1; guess <= MOST_GUESSES; guess++) {
    logDensities(positions, values);
    if (values.every(Number.isFinite)) return { shape: [chains, size], data: positions };
    const others = drawAbout(foldIn(key, guess), means, factor);
    values.forEach((value, c) => {
      if (Number.isFinite(value)) return;
      positions.set(others.subarray(c * size, (c + 1) * size), c * size);
    });
  }
  throw new NumericalError(
    'logDensity',
    `sbi.sample: the posterior must be finite near its linear-Gaussian guess; ${values.filter((value) => !Number.isFinite(value)).length} of ${chains} chains found no such point. Check that the observation is like the simulations and that the region of the prior holds its posterior.`,
  );
}

function covarianceOf(factor: Float64Array): Float64Array {
  const size = Math.round(Math.sqrt(factor.length));
  return Float64Array.from(factor, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let sum = 0;
    for (let k = 0; k <= Math.min(i, j); k++) sum += factor[i * size + k] * factor[j * size + k];
    return sum;
  });
}
