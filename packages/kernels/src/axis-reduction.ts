import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';

const REDUCTIONS = { sum: 0, product: 1, max: 2, min: 3 } as const;
export type Reduction = keyof typeof REDUCTIONS;

export interface ReductionOptions {
  /** x is [outer, length, inner], the output [outer, inner]. */
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** Multiplies the result: 1 / length makes a mean of a sum. Default 1. */
  readonly scale?: number;
}

/** Reduces the middle axis. Sums are taken in float64 beyond 64 terms; NaN in, NaN out. Does not depend on the number of threads. */
export function reduceAxis(
  kernels: Kernels,
  operation: Reduction,
  x: Float32Array,
  output: Float32Array,
  options: ReductionOptions,
): void {
  const { outer, length, inner, scale = 1 } = options;
  requireLength('reduceAxis', 'x', x, outer * length * inner);
  requireLength('reduceAxis', 'output', output, outer * inner);
  kernels.call.lf_reduce(REDUCTIONS[operation], x, output, outer, length, inner, scale);
}

/** Softmax of each row of x [rows, columns], or its logarithm; `output` may be `x` only for the softmax itself. */
export function softmaxRows(
  kernels: Kernels,
  x: Float32Array,
  output: Float32Array,
  options: { readonly rows: number; readonly columns: number; readonly logarithm?: boolean },
): void {
  const { rows, columns, logarithm = false } = options;
  requireLength('softmaxRows', 'x', x, rows * columns);
  requireLength('softmaxRows', 'output', output, rows * columns);
  kernels.call.lf_softmax(x, output, rows, columns, logarithm ? 1 : 0);
}
