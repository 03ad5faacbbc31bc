import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { PlainTensor } from './plain-kernel.ts';

/** Compares with NaN as the largest. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Places of the entries of each row in order, in the row or in the whole tensor. */
export function sortOrder(
  { shape, values }: PlainTensor,
  { descending, flat }: NamedAttrMap,
): PlainTensor<Int32Array> {
  const columns = shape.at(-1) ?? 1;
  const order = new Int32Array(values.length);
  for (let start = 0; start < values.length; start += columns) {
    const places = Array.from({ length: columns }, (_, i) => start + i);
    places.sort((i, j) => (descending ? compare(values[j]!, values[i]!) : compare(values[i]!, values[j]!)));
    order.set(flat ? places : places.map((at) => at - start), start);
  }
  return { shape, values: order };
}
