import type { NdArray } from '@lensfield/contracts';

/** Mean and standard deviation of each column. */
export function columnMoments({ shape, data }: NdArray<Float32Array | Float64Array>) {
  const [n, width] = shape as [number, number];
  return Array.from({ length: width }, (_, j) => {
    let mean = 0;
    let square = 0;
    for (let i = 0; i < n; i++) mean += data[i * width + j]! / n;
    for (let i = 0; i < n; i++) square += (data[i * width + j]! - mean) ** 2 / n;
    return { mean, sd: Math.sqrt(square) };
  });
}
