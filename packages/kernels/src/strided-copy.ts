import { requireLength } from './_required-length.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

/** One axis of a copy: its length, and the strides of source and target in floats (0 repeats, negative walks backwards). */
export type CopyAxis = readonly [size: number, strideFrom: number, strideTo: number];

const MAX_RANK = 12;
const axesOfEngine = new WeakMap<Kernels, Int32Array>();

/** First and last offset that a walk over the axes touches. */
function extent(axes: readonly CopyAxis[], side: 1 | 2, offset: number): [number, number] {
  let first = offset;
  let last = offset;
  for (const axis of axes) {
    const reach = (axis[0] - 1) * axis[side];
    if (reach < 0) first += reach;
    else last += reach;
  }
  return [first, last];
}

/**
 * Copies `from[fromOffset + sum i strideFrom]` to `to[toOffset + sum i strideTo]`: slices, padding, transposes, reversal and
 * repetition are all of this form. Axes outermost first, the target's smallest stride last.
 *
 * @throws {InvalidArgumentError} if the walk leaves an array.
 */
export function copyStrided(
  kernels: Kernels,
  from: Float32Array,
  to: Float32Array,
  axes: readonly CopyAxis[],
  { fromOffset = 0, toOffset = 0 }: { readonly fromOffset?: number; readonly toOffset?: number } = {},
): void {
  if (axes.some((axis) => axis[0] === 0)) return;
  checkWalk('from', from, extent(axes, 1, fromOffset));
  checkWalk('to', to, extent(axes, 2, toOffset));
  if (axes.length === 0 || axes.length > MAX_RANK) {
    throw new InvalidArgumentError(
      'axes',
      `kernels.copyStrided: axes must be 1 to ${MAX_RANK}; got ${axes.length}.`,
    );
  }
  let buffer = axesOfEngine.get(kernels);
  if (!buffer) {
    buffer = kernels.int32(3 * MAX_RANK);
    axesOfEngine.set(kernels, buffer);
  }
  for (let d = 0; d < axes.length; d++) buffer.set(axes[d]!, 3 * d);
  kernels.call.lf_copy_strided(from, to, buffer, axes.length, fromOffset, toOffset);
}

function checkWalk(name: string, array: Float32Array, [first, last]: [number, number]): void {
  if (first < 0 || last >= array.length) {
    throw new InvalidArgumentError(
      name,
      `kernels.copyStrided: ${name} must hold offsets ${first} to ${last}; got ${array.length} elements.`,
    );
  }
}

export interface GatherOptions {
  /** x is [outer, size, inner], the output [outer, indices.length, inner]. */
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** output(o, i, :) = x(o, indices[i], :). Throws InvalidArgumentError if an index is outside [0, size). */
export function gatherRows(
  kernels: Kernels,
  x: Float32Array,
  indices: Int32Array,
  output: Float32Array,
  { outer, size, inner }: GatherOptions,
): void {
  const bad = indices.find((index) => index < 0 || index >= size);
  if (bad !== undefined) {
    throw new InvalidArgumentError(
      'indices',
      `kernels.gatherRows: indices must lie in [0, ${size}); got ${bad}.`,
    );
  }
  requireLength('gatherRows', 'x', x, outer * size * inner);
  requireLength('gatherRows', 'output', output, outer * indices.length * inner);
  kernels.call.lf_gather(x, indices, output, outer, size, indices.length, inner);
}

/** output(indices[i], :) += x(i, :), from zero; x [indices.length, inner], output [size, inner]. Indices outside are left out. */
export function scatterAddRows(
  kernels: Kernels,
  x: Float32Array,
  indices: Int32Array,
  output: Float32Array,
  { size, inner }: { readonly size: number; readonly inner: number },
): void {
  requireLength('scatterAddRows', 'x', x, indices.length * inner);
  requireLength('scatterAddRows', 'output', output, size * inner);
  kernels.call.lf_scatter_add(x, indices, output, indices.length, size, inner);
}
