import { expect, it } from 'vitest';
import { binomialQuantile } from '../src/binomial.ts';

/** P(X <= k) with exact binomial coefficients. */
function cumulative(k: number, n: number, q: number): number {
  let sum = 0;
  for (let j = 0; j <= k; j++) {
    let coefficient = 1;
    for (let i = 0; i < j; i++) coefficient = (coefficient * (n - i)) / (i + 1);
    sum += coefficient * q ** j * (1 - q) ** (n - j);
  }
  return sum;
}

it.each([0.005, 0.2, 0.5, 0.9, 0.995])('is the smallest count that reaches %d', (p) => {
  for (const [n, q] of [
    [10, 0.3],
    [40, 0.05],
    [25, 0.8],
  ]) {
    const k = binomialQuantile(p, n, q);
    expect(cumulative(k, n, q)).toBeGreaterThanOrEqual(p);
    if (k > 0) expect(cumulative(k - 1, n, q)).toBeLessThan(p);
  }
});

it('agrees with the normal limit for large numbers', () => {
  // Mean 5000, standard deviation 50, 97.5 %: 1.96 standard deviations, rounded up to a count.
  expect(binomialQuantile(0.975, 10_000, 0.5)).toBeGreaterThanOrEqual(5097);
  expect(binomialQuantile(0.975, 10_000, 0.5)).toBeLessThanOrEqual(5099);
});
