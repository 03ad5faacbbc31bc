import type { NdArray } from '@lensfield/contracts';

/** Each row `times` times after another. */
export function repeatRows({ shape, data }: NdArray<Float32Array>, times: number): NdArray<Float32Array> {
  const [n, width] = shape as [number, number];
  const repeated = new Float32Array(n * times * width);
  for (let row = 0; row < n * times; row++) {
    const start = Math.floor(row / times) * width;
    repeated.set(data.subarray(start, start + width), row * width);
  }
  return { shape: [n * times, width], data: repeated };
}
