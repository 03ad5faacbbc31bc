import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../src/symmetric-eigen.ts';

function symmetricMatrix(n: number): Float64Array {
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      matrix[i * n + j] = Math.sin(1 + i * 12.9898 + j * 78.233);
      matrix[j * n + i] = matrix[i * n + j];
    }
  }
  return matrix;
}

describe('symmetricEigen', () => {
  it.each([1, 2, 3, 5, 24, 60])('diagonalises a %d by %d matrix', (n) => {
    const matrix = symmetricMatrix(n);
    const { values, vectors } = symmetricEigen(matrix, n);
    const size = Math.max(...values.map(Math.abs));
    let residual = 0;
    let skew = 0;
    for (let k = 0; k < n; k++) {
      for (let i = 0; i < n; i++) {
        let product = 0;
        let overlap = 0;
        for (let j = 0; j < n; j++) {
          product += matrix[i * n + j] * vectors[j * n + k];
          overlap += vectors[j * n + k] * vectors[j * n + i];
        }
        residual = Math.max(residual, Math.abs(product - values[k] * vectors[i * n + k]));
        skew = Math.max(skew, Math.abs(overlap - (i === k ? 1 : 0)));
      }
      if (k > 0) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
    }
    expect(residual).toBeLessThan(1e-14 * size);
    expect(skew).toBeLessThan(1e-14);
  });

  it('copes with diagonal and rank-one matrices', () => {
    expect(Array.from(symmetricEigen(Float64Array.of(3, 0, 0, 0, 1, 0, 0, 0, 2), 3).values)).toEqual([
      1, 2, 3,
    ]);
    const ones = symmetricEigen(new Float64Array(16).fill(1), 4).values;
    expect(ones[3]).toBeCloseTo(4, 13);
    expect(Math.abs(ones[2])).toBeLessThan(1e-15);
  });

  it('refuses NaN', () => {
    expect(() => symmetricEigen(Float64Array.of(1, Number.NaN, 0, 1), 2)).toThrow(/finite/);
  });
});
