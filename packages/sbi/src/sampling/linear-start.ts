import type { Key, NdArray } from '@lensfield/contracts';
import { type Standardisation, standardise } from '@lensfield/flows';
import { normalFloat64 } from '@lensfield/kernels';

/**
 * The best linear-Gaussian guess of u given the summaries, by least squares on the training simulations: where chains start, and what
 * importance sampling first draws from. Plain data.
 */
export type LinearStart = Standardisation;

/** Fits it to u [n, d] and summaries [n, s]. */
export function linearStart(u: NdArray<Float32Array>, summaries: NdArray<Float32Array>): LinearStart {
  return standardise(u, summaries, 'regression');
}

/** Mean of u for one observation. */
export function startMean(start: LinearStart, observation: Float32Array): Float64Array {
  const size = start.yMean.data.length;
  return Float64Array.from({ length: size }, (_, j) => {
    let mean = start.yMean.data[j];
    observation.forEach((value, k) => {
      const standardised = (value - start.contextMean.data[k]) / start.contextSd.data[k];
      mean += standardised * start.regression.data[k * size + j];
    });
    return mean;
  });
}

/** Lower factor L of the covariance L L' of u about that mean, row-major [d, d]. */
export function startFactor({ colouring }: LinearStart): Float64Array {
  const size = colouring.shape[0];
  return Float64Array.from(
    colouring.data,
    (_, i) => colouring.data[(i % size) * size + Math.floor(i / size)],
  );
}

/** Rows of draws about given means [rows, d]. */
export function drawAbout(key: Key, means: Float64Array, factor: Float64Array): Float64Array {
  const size = Math.round(Math.sqrt(factor.length));
  const noise = normalFloat64(key, means.length);
  return means.map((mean, at) => {
    const [row, i] = [at - (at % size), at % size];
    let value = mean;
    for (let j = 0; j <= i; j++) value += factor[i * size + j] * noise[row + j];
    return value;
  });
}
