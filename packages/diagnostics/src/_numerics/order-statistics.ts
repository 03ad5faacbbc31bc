import type { FloatArray } from '@lensfield/contracts';

export const sorted = (values: FloatArray): FloatArray => values.slice().sort();

/** The quantile of sorted values by linear interpolation between order statistics (NumPy's default, type 7). */
export function quantileOfSorted(values: FloatArray, probability: number): number {
  const position = probability * (values.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, values.length - 1);
  return values[below] + (position - below) * (values[above] - values[below]);
}

/** Ranks from 1, ties sharing their average rank. */
export function averageRanks(values: Float64Array): Float64Array {
  const n = values.length;
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const ranks = new Float64Array(n);
  for (let start = 0, end = 0; start < n; start = end) {
    while (end < n && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2;
  }
  return ranks;
}
