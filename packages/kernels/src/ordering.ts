import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';

export interface CumulativeSumOptions {
  /** x is [outer, length, inner]. */
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
  /** Each sum leaves out its own entry. Default false. */
  readonly exclusive?: boolean;
  /** Sums start at the end. Default false. */
  readonly reverse?: boolean;
}

/** Running sums along the middle axis, in float64; `output` is written. */
export function cumulativeSum(
  kernels: Kernels,
  x: Float32Array,
  output: Float32Array,
  options: CumulativeSumOptions,
): void {
  const { outer, length, inner, exclusive = false, reverse = false } = options;
  requireLength('cumulativeSum', 'x', x, outer * length * inner);
  requireLength('cumulativeSum', 'output', output, x.length);
  kernels.call.lf_cumulative_sum(x, output, outer, length, inner, exclusive ? 1 : 0, reverse ? 1 : 0);
}

export interface SortOrderOptions {
  readonly rows: number;
  readonly columns: number;
  /** Largest first. Default false. */
  readonly descending?: boolean;
  /** Places in the whole of x instead of in its row. Default false. */
  readonly flat?: boolean;
}

/**
 * Places of the entries of each row of x [rows, columns] in order; `order` is written. Equal entries (0 and -0 among them) keep their
 * order; NaN counts as the largest.
 *
 * @throws {NumericalError} if memory ran out.
 */
export function sortOrder(
  kernels: Kernels,
  x: Float32Array,
  order: Int32Array,
  options: SortOrderOptions,
): void {
  const { rows, columns, descending = false, flat = false } = options;
  requireLength('sortOrder', 'x', x, rows * columns);
  requireLength('sortOrder', 'order', order, x.length);
  const failed = kernels.call.lf_sort_order(x, order, rows, columns, descending ? 1 : 0, flat ? 1 : 0);
  requireMemory('sortOrder', failed);
}
