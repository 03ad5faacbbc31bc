import type { NdArray } from './nd-array.ts';
import type { Key } from './random-key.ts';

/** What inference returns: named parameters that can be drawn, and sometimes evaluated. */
export interface Posterior {
  readonly names: readonly string[];
  /** Draws, shape [n, names.length]. */
  sample(key: Key, n: number): NdArray<Float32Array>;
  logProb?(theta: Float64Array): number;
}
