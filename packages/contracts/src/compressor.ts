import type { NdArray } from './nd-array.ts';

/** Turns data into a few numbers. */
export interface Compressor {
  readonly numSummaries: number;
  /** `x` has shape [n, ...dataShape]; the summaries have shape [n, numSummaries]. */
  summarize(x: NdArray<Float32Array>): NdArray<Float32Array>;
}
