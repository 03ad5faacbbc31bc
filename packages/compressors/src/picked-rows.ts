import type { NdArray } from '@lensfield/contracts';

/** Rows of an array [n, width], in the order given. */
export function pickedRows({ shape, data }: NdArray<Float32Array>, rows: Int32Array): NdArray<Float32Array> {
  const width = shape[1];
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    for (let j = 0; j < width; j++) out[i * width + j] = data[row * width + j];
  });
  return { shape: [rows.length, width], data: out };
}
