import type { NdArray } from '@lensfield/contracts';

/** Rows of numbers of one width that are appended one by one; room doubles when it is used up. Plain data. */
export interface GrowingRows {
  readonly width: number;
  count: number;
  data: Float64Array;
}

export function emptyRows(width: number): GrowingRows {
  return { width, count: 0, data: new Float64Array(16 * width) };
}

/** Room for one more row at the end, zeroed; the caller fills it. */
export function appendRow(rows: GrowingRows): Float64Array {
  const start = rows.count * rows.width;
  if (start + rows.width > rows.data.length) {
    const grown = new Float64Array(2 * rows.data.length + rows.width);
    grown.set(rows.data);
    rows.data = grown;
  }
  rows.count++;
  return rows.data.subarray(start, start + rows.width);
}

/** The rows without spare room, row-major [count, width]. */
export function rowData({ data, count, width }: GrowingRows): Float64Array {
  return data.slice(0, count * width);
}

/** One column, shape [count]. */
export function columnOf({ data, count, width }: GrowingRows, column: number): Float64Array {
  return Float64Array.from({ length: count }, (_, row) => data[row * width + column]);
}

/** The rows from number `first` on, copied, [count - first, width]. */
export function rowsFrom({ data, count, width }: GrowingRows, first: number): NdArray<Float64Array> {
  return { shape: [count - first, width], data: data.slice(first * width, count * width) };
}
