import { describe, expect, it } from 'vitest';
import { NumericalError } from '../src/errors.ts';
import { cholesky, choleskySolve, determinant, inverse, solve } from '../src/small-matrices.ts';

const N = 6;
const general = Float64Array.from(
  { length: N * N },
  (_, i) => Math.sin(1 + i * i) + (i % (N + 1) === 0 ? 0.1 : 0),
);
const positive = multiply(general, transpose(general));

function transpose(a: Float64Array): Float64Array {
  return a.map((_, i) => a[(i % N) * N + Math.floor(i / N)]);
}

function multiply(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((_, i) => {
    let sum = 0;
    for (let k = 0; k < N; k++) sum += a[Math.floor(i / N) * N + k] * b[k * N + (i % N)];
    return sum;
  });
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

describe('small matrices', () => {
  it('cholesky gives the matrix back and solves with it', () => {
    const factor = cholesky(positive, N);
    expect(largestDifference(multiply(factor, transpose(factor)), positive)).toBeLessThan(1e-14);
    const right = Float64Array.from({ length: N }, (_, i) => i - 2);
    expect(largestDifference(choleskySolve(factor, right, N), solve(positive, right, N))).toBeLessThan(1e-10);
  });

  it('inverse times the matrix is the identity', () => {
    const identity = positive.map((_, i) => (i % (N + 1) === 0 ? 1 : 0));
    expect(largestDifference(multiply(general, inverse(general, N)), identity)).toBeLessThan(1e-12);
  });

  it('determinants multiply, change sign with a swap, and vanish for a singular matrix', () => {
    expect(determinant(positive, N)).toBeCloseTo(determinant(general, N) ** 2, 10);
    expect(determinant(Float64Array.of(0, 1, 1, 0), 2)).toBe(-1);
    expect(determinant(Float64Array.of(1, 2, 2, 4), 2)).toBe(0);
  });

  it('solves for several right-hand sides, and leaves its arguments alone', () => {
    const matrix = Float64Array.of(0, 2, 1, 1);
    const x = solve(matrix, Float64Array.of(2, 4, 3, 5), 2);
    expect(Array.from(x)).toEqual([2, 3, 1, 2]);
    expect(Array.from(matrix)).toEqual([0, 2, 1, 1]);
  });

  it('says when it cannot', () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(NumericalError);
    expect(() => solve(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 2), 2)).toThrow(/regular/);
    expect(() => inverse(Float64Array.of(1, 2), 2)).toThrow(/n \* n/);
  });
});
