import type { NdArray } from './nd-array.ts';
import type { Key } from './random-key.ts';

/** A density q(y | context) that can be evaluated and sampled. */
export interface ConditionalDensity {
  readonly dimension: number;
  readonly contextDimension: number;
  /** `y` [n, dimension]; `context` [n, contextDimension] or [1, contextDimension]; returns n log densities. */
  logProb(y: NdArray<Float32Array>, context: NdArray<Float32Array>): Float32Array;
  /** `n` draws for one context of shape [contextDimension]; shape [n, dimension]. */
  sample(key: Key, context: Float32Array, n: number): NdArray<Float32Array>;
  /** Gradient of `logProb` in y, shape [n, dimension]. */
  scoreOf?(y: NdArray<Float32Array>, context: NdArray<Float32Array>): NdArray<Float32Array>;
}
