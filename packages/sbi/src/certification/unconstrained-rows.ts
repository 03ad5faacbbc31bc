import type { FloatArray, NdArray, Prior } from '@lensfield/contracts';

/** Points in the prior's unconstrained coordinates; the last axis holds the parameters. */
export function toUnconstrainedRows(
  prior: Pick<Prior, 'toUnconstrained'>,
  { shape, data }: NdArray<FloatArray>,
): NdArray<Float64Array> {
  return { shape, data: mapRows(data, shape.at(-1)!, (row) => prior.toUnconstrained(row)) };
}

/** The way back. */
export function fromUnconstrainedRows(
  prior: Pick<Prior, 'fromUnconstrained'>,
  { shape, data }: NdArray<FloatArray>,
): NdArray<Float64Array> {
  return { shape, data: mapRows(data, shape.at(-1)!, (row) => prior.fromUnconstrained(row).theta) };
}

function mapRows(data: FloatArray, width: number, map: (row: Float64Array) => Float64Array): Float64Array {
  const out = new Float64Array(data.length);
  const row = new Float64Array(width);
  for (let start = 0; start < out.length; start += width) {
    for (let j = 0; j < width; j++) row[j] = data[start + j]!;
    out.set(map(row), start);
  }
  return out;
}

/** Draws [n, sum of counts, d] as several of [n, count, d]. */
export function splitDraws(
  { shape, data }: NdArray<Float64Array>,
  counts: readonly number[],
): NdArray<Float64Array>[] {
  const [n, total, d] = shape as [number, number, number];
  let first = 0;
  return counts.map((count) => {
    const part = new Float64Array(n * count * d);
    for (let s = 0; s < n; s++) {
      const start = (s * total + first) * d;
      part.set(data.subarray(start, start + count * d), s * count * d);
    }
    first += count;
    return { shape: [n, count, d], data: part };
  });
}
