import type { NdArray } from '@lensfield/contracts';
import { expect } from 'vitest';
import { exactPosterior } from './_linear-gaussian.ts';

/** Mean and standard deviation of a column of draws [n, width]. */
export function momentsOf({ shape, data }: NdArray<Float32Array>, column: number) {
  const [n, width] = shape;
  const values = Float64Array.from({ length: n }, (_, i) => data[i * width + column]);
  const mean = values.reduce((sum, v) => sum + v / n, 0);
  return { mean, sd: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2 / n, 0)) };
}

/** That means are within `shift` exact standard deviations and widths within the share `width` of the exact posterior of x. */
export function expectExactPosterior(
  draws: NdArray<Float32Array>,
  x: Float32Array,
  { shift, width }: { readonly shift: number; readonly width: number },
): void {
  const exact = exactPosterior(x);
  for (let j = 0; j < 2; j++) {
    const { mean, sd } = momentsOf(draws, j);
    const exactSd = Math.sqrt(exact.covariance[3 * j]);
    expect(Math.abs(mean - exact.mean[j]) / exactSd).toBeLessThan(shift);
    expect(Math.abs(sd / exactSd - 1)).toBeLessThan(width);
  }
}
