import { keyOf, normalFloat64 } from '../src/index.ts';

/** Entries of an upper triangle. */
export const pairsOf = (size: number) => (size * (size + 1)) / 2;

/** Random matrices G G^T (positive definite), packed; lowered by `shift` some eigenvalues turn negative. */
export function packedMatrices(
  seed: number,
  count: number,
  size: number,
  stride: number,
  shift = 0,
): Float64Array {
  const g = normalFloat64(keyOf(seed), count * size * size);
  const packed = new Float64Array(count * stride);
  for (let m = 0; m < count; m++)
    for (let i = 0, pair = 0; i < size; i++)
      for (let j = i; j < size; j++) {
        let sum = i === j ? -shift : 0;
        for (let k = 0; k < size; k++) sum += g[(m * size + i) * size + k]! * g[(m * size + j) * size + k]!;
        packed[m * stride + pair++] = sum;
      }
  return packed;
}

export function unpack(packed: Float64Array, at: number, size: number): number[][] {
  const full = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (let i = 0, pair = at; i < size; i++)
    for (let j = i; j < size; j++) full[i]![j] = full[j]![i] = packed[pair++]!;
  return full;
}
