import type { NdArray } from '@lensfield/contracts';
import { foldIn, keyOf, normal } from '@lensfield/kernels';
import {
  type ConvolutionalNetworkOptions,
  createConvolutionalNetwork,
  type MapSet,
  type MapStatistics,
  mapsInMemory,
} from '../src/index.ts';

export const SIZE = 16;

/** Spread of log A over the toy's prior, in which the target u has unit variance. */
export const LOG_AMPLITUDE_SD = 0.3;

/** White noise of unit variance times A = exp(0.3 u), in one bin; u ~ N(0, 1) is the target. */
export function amplitudeFields(n: number, seed: number): { maps: MapSet; targets: NdArray<Float32Array> } {
  const targets = normal(keyOf(seed), n);
  const data = new Float32Array(n * SIZE * SIZE);
  for (let i = 0; i < n; i++) {
    const amplitude = Math.exp(LOG_AMPLITUDE_SD * targets[i]!);
    const field = normal(foldIn(keyOf(seed + 1), i), SIZE * SIZE);
    data.set(
      field.map((value) => amplitude * value),
      i * SIZE * SIZE,
    );
  }
  return { maps: mapsInMemory(data, [SIZE, SIZE, 1]), targets: { shape: [n, 1], data: targets } };
}

/**
 * Smallest possible variance of u given a map with white noise of sd `noiseSd`: the inverse of Fisher information plus
 * prior. The pixel variance is v = A^2 + s^2, and the information on log A in 256 pixels is 256 * 2 (A^2 / v)^2, here at
 * A = 1.
 */
export function bestVariance(noiseSd: number): number {
  const fisher = SIZE ** 2 * 2 * (1 / (1 + noiseSd ** 2)) ** 2;
  return 1 / (1 + LOG_AMPLITUDE_SD ** 2 * fisher);
}

/** The log of a map's mean square: all that tells the amplitude. */
export const logVariance: MapStatistics = {
  numFeatures: 1,
  features: (maps, n) =>
    Float32Array.from({ length: n }, (_, i) => {
      const map = maps.subarray(i * SIZE ** 2, (i + 1) * SIZE ** 2);
      return Math.log(map.reduce((sum, v) => sum + v * v, 0) / SIZE ** 2);
    }),
};

/** A small network for the toy's maps. */
export function toyNetwork(options: Partial<ConvolutionalNetworkOptions> = {}) {
  return createConvolutionalNetwork({
    mapSize: SIZE,
    numBins: 1,
    numSummaries: 1,
    channels: [8, 8],
    hiddenUnits: [16],
    activation: 'silu',
    ...options,
  });
}
