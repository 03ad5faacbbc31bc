import type { Key, NdArray } from '@lensfield/contracts';
import { type Lc2stResult, lc2st } from '@lensfield/diagnostics';
import type { Kernels } from '@lensfield/kernels';
import { momentsOfDraws, type PosteriorDraws } from './rank-tests.ts';

/** Where the posterior is to be judged by itself. */
export interface LocalTestOptions {
  /** The summaries of the observation, shape [numSummaries]. */
  readonly observation: Float32Array;
  /** The engine that the classifiers run on, from `loadKernels`. */
  readonly kernels: Kernels;
}

/** What the test needs beside the options, parameters in unconstrained coordinates. */
export interface LocalTestData {
  readonly key: Key;
  readonly draws: PosteriorDraws;
  readonly theta: NdArray<Float64Array>;
  /** One further draw for each simulation, shape [n, d]. */
  readonly spare: NdArray<Float64Array>;
  readonly summaries: NdArray<Float32Array>;
  /** Draws for the observation: shape [1, m, d] for their moments, and as many to be judged. */
  readonly observedMoments: NdArray<Float64Array>;
  readonly observedSamples: NdArray<Float64Array>;
  readonly numPermutations: number;
}

/**
 * LC2ST in the coordinates in which the draws of each observation have mean 0 and standard deviation 1: what is left for the
 * classifier to learn is the fault. Moments come from other draws than those that are judged, so truth and draw stay exchangeable.
 */
export function localTest({ observation, kernels }: LocalTestOptions, data: LocalTestData): Lc2stResult {
  const { draws, theta, spare, summaries, key, numPermutations } = data;
  const moments = momentsOfDraws(draws.samples);
  const [, m, d] = data.observedSamples.shape as [number, number, number];
  const observed = whitened(data.observedSamples, momentsOfDraws(data.observedMoments), m);
  return lc2st({
    theta: whitened(theta, moments, 1),
    samples: whitened(spare, moments, 1),
    summaries,
    observation,
    observedSamples: { shape: [m, d], data: observed.data },
    kernels,
    key,
    numPermutations,
  });
}

function whitened(
  { shape, data }: NdArray<Float64Array>,
  { mean, sd }: { readonly mean: Float64Array; readonly sd: Float64Array },
  perSimulation: number,
): NdArray<Float64Array> {
  const d = shape.at(-1)!;
  const scaled = data.map((value, i) => {
    const at = Math.floor(i / (perSimulation * d)) * d + (i % d);
    // Draws that are all the same have no width to scale by.
    return (value - mean[at]!) / (sd[at]! || 1);
  });
  return { shape, data: scaled };
}
