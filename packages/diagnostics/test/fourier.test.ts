import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { largestDifference } from '@lensfield/testing';
import { expect, it } from 'vitest';
import { fourierTransform } from '../src/_numerics/fourier.ts';

it.each([1, 2, 3, 5, 8, 24, 100, 127, 128])('a transform of length %i is the direct sum', (n) => {
  const data = normalFloat64(keyOf(n), 2 * n);
  const direct = Float64Array.from({ length: 2 * n }, (_, at) => {
    const k = at >> 1;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const angle = (-2 * Math.PI * ((i * k) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      sum += at % 2 === 0 ? c * data[2 * i] - s * data[2 * i + 1] : c * data[2 * i + 1] + s * data[2 * i];
    }
    return sum;
  });
  fourierTransform(n)(data);
  // Rounding grows as sqrt(n) log n times 1e-16.
  expect(largestDifference(data, direct)).toBeLessThan(1e-12);
});
