import type { FloatArray, NdArray } from '@lensfield/contracts';

/** The given rows of an array [n, width], in the order given. */
export function pickRows<T extends FloatArray>({ shape, data }: NdArray<T>, rows: Int32Array): NdArray<T> {
  const width = shape[1]!;
  const out = new (data.constructor as new (length: number) => T)(rows.length * width);
  // Value by value: a view of each row would be garbage of every step.
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) out[i * width + j] = data[row * width + j]!;
  });
  return { shape: [rows.length, width], data: out };
}

/** Each row of an array [n, width] `times` times after another, [n * times, width]. */
export function repeatRows({ shape, data }: NdArray<Float32Array>, times: number): NdArray<Float32Array> {
  const [n, width] = shape as [number, number];
  const out = new Float32Array(n * times * width);
  for (let row = 0; row < n; row++) {
    const values = data.subarray(row * width, (row + 1) * width);
    for (let copy = 0; copy < times; copy++) out.set(values, (row * times + copy) * width);
  }
  return { shape: [n * times, width], data: out };
}
