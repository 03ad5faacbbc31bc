import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../src/errors.ts';
import { gaussLegendre, simpsonWeights } from '../src/quadrature.ts';

describe('gaussLegendre', () => {
  it.each([1, 2, 3, 5, 16, 40, 101])('with %d nodes integrates polynomials up to degree 2 n - 1', (n) => {
    const { nodes, weights } = gaussLegendre(n);
    for (let degree = 0; degree < Math.min(2 * n, 60); degree++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += weights[i] * nodes[i] ** degree;
      expect(Math.abs(sum - (degree % 2 === 0 ? 2 / (degree + 1) : 0))).toBeLessThan(2e-15);
    }
    for (let i = 1; i < n; i++) expect(nodes[i]).toBeGreaterThan(nodes[i - 1]);
  });

  it('maps to any interval', () => {
    const { nodes, weights } = gaussLegendre(20, 1, 3);
    const sum = nodes.reduce((total, x, i) => total + weights[i] / x, 0);
    expect(sum).toBeCloseTo(Math.log(3), 14);
  });

  it('refuses no nodes', () => {
    expect(() => gaussLegendre(0)).toThrow(InvalidArgumentError);
  });
});

describe('simpsonWeights', () => {
  it('integrates cubics exactly', () => {
    const weights = simpsonWeights(11, 0.2);
    const sum = weights.reduce((total, w, i) => total + w * (i * 0.2) ** 3, 0);
    expect(sum).toBeCloseTo(4, 14);
  });

  it('refuses an even number of points', () => {
    expect(() => simpsonWeights(10, 1)).toThrow(/odd/);
  });
});
