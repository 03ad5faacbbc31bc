import { gaussLegendre, isLensfieldError } from '@lensfield/kernels';
import { relativeError, richardsonDerivative } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { type Distribution, logNormal, normal, truncatedNormal, uniform } from '../src/index.ts';

const CASES: Readonly<Record<string, Distribution>> = {
  normal: normal({ mean: 0.3, sd: 0.2 }),
  uniform: uniform({ low: -2, high: 5 }),
  logNormal: logNormal({ meanLog: -0.125, sdLog: 0.5 }),
  'truncated below': truncatedNormal({ mean: 0.2664, sd: 0.2, low: 0 }),
  'truncated above': truncatedNormal({ mean: 0.2664, sd: 0.2, high: 0.4 }),
  'truncated on both sides': truncatedNormal({ mean: -1, sd: 0.9, low: -2, high: -0.3 }),
  'far upper tail': truncatedNormal({ mean: 0, sd: 1, low: 8 }),
  'far lower tail': truncatedNormal({ mean: 0, sd: 1, high: -8 }),
  'narrow window in a tail': truncatedNormal({ mean: 0, sd: 1, low: 4, high: 4.2 }),
};

/** Integral of f under the density, by Gauss-Legendre quadrature in panels between the points of u = -9 and u = 9. */
function expectation(distribution: Distribution, f: (x: number) => number): number {
  const { nodes, weights } = gaussLegendre(20);
  const edges = Array.from({ length: 73 }, (_, i) => distribution.fromNormal(-9 + i / 4).value);
  let total = 0;
  for (let panel = 0; panel + 1 < edges.length; panel++) {
    const half = (edges[panel + 1]! - edges[panel]!) / 2;
    const middle = (edges[panel + 1]! + edges[panel]!) / 2;
    nodes.forEach((node, i) => {
      const x = middle + half * node;
      total += half * weights[i]! * Math.exp(distribution.logProb(x)) * f(x);
    });
  }
  return total;
}

describe.each(Object.entries(CASES))('%s', (_, distribution) => {
  test('the density integrates to one', () => {
    // 18 standard units hold all but 2e-19 of the mass; the quadrature itself is good to 1e-12.
    expect(expectation(distribution, () => 1)).toBeCloseTo(1, 10);
  });

  test('u is the normal quantile of the cumulative', () => {
    for (const u of [-2, -0.5, 0, 1, 2.5]) {
      const x = distribution.fromNormal(u).value;
      const below = expectation(distribution, (y) => (y < x ? 1 : 0));
      // Panels are cut at quarter units of u, so the step lies on a panel edge and costs no accuracy.
      expect(relativeError(below, cumulativeNormal(u))).toBeLessThan(1e-9);
    }
  });

  test('u survives the round trip, into the tails', () => {
    for (const u of [-7.5, -5, -3, -1, -0.01, 0, 0.2, 1, 3, 5, 7.5]) {
      const { value } = distribution.fromNormal(u);
      // Where the bound is not 0, x carries u no better than 1e-16 of |x| over dx/du.
      const carried = (4e-16 * Math.abs(value)) / distribution.fromNormal(u).derivative;
      expect(Math.abs(distribution.toNormal(value) - u)).toBeLessThan(1e-9 + carried);
    }
  });

  test('the derivative is the slope of the map', () => {
    for (const u of [-4, -1, 0, 0.7, 3]) {
      const slope = richardsonDerivative((v) => distribution.fromNormal(v).value, u, 1e-2);
      // Richardson error of order step^4 = 1e-8, rounding 1e-14 / step.
      expect(relativeError(distribution.fromNormal(u).derivative, slope)).toBeLessThan(2e-6);
    }
  });
});

/** Phi by its own quadrature: another route than the special function that the code uses. */
function cumulativeNormal(u: number): number {
  const { nodes, weights } = gaussLegendre(64);
  const half = (u + 12) / 2;
  let total = 0;
  nodes.forEach((node, i) => {
    const t = -12 + half * (node + 1);
    total += (half * weights[i]! * Math.exp(-0.5 * t * t)) / Math.sqrt(2 * Math.PI);
  });
  return total;
}

test('moments of the truncated normal agree with the closed form', () => {
  const phi = (t: number) => Math.exp(-0.5 * t * t) / Math.sqrt(2 * Math.PI);
  const [a, b] = [(-2 + 1) / 0.9, (-0.3 + 1) / 0.9];
  const mass = cumulativeNormal(b) - cumulativeNormal(a);
  const mean = -1 + (0.9 * (phi(a) - phi(b))) / mass;
  const variance = 0.81 * (1 + (a * phi(a) - b * phi(b)) / mass - ((phi(a) - phi(b)) / mass) ** 2);
  const distribution = CASES['truncated on both sides']!;
  const measuredMean = expectation(distribution, (x) => x);
  expect(measuredMean).toBeCloseTo(mean, 9);
  expect(expectation(distribution, (x) => (x - measuredMean) ** 2)).toBeCloseTo(variance, 9);
});

test('outside the support the density is zero, and NaN stays NaN', () => {
  for (const distribution of Object.values(CASES)) {
    const [low, high] = distribution.bounds;
    if (Number.isFinite(low)) expect(distribution.logProb(low - 1)).toBe(-Infinity);
    if (Number.isFinite(high)) expect(distribution.logProb(high + 1)).toBe(-Infinity);
    expect(distribution.logProb(Number.NaN)).toBeNaN();
  }
});

describe('wrong numbers are refused by name', () => {
  test.each([
    ['low above high', () => uniform({ low: 2, high: 1 }), 'low must be below high; got low 2, high 1'],
    ['equal bounds', () => truncatedNormal({ mean: 0, sd: 1, low: 1, high: 1 }), 'low must be below high'],
    ['sd of zero', () => normal({ mean: 0, sd: 0 }), 'sd must be above 0; got 0'],
    ['negative sd', () => logNormal({ meanLog: 0, sdLog: -1 }), 'sdLog must be above 0; got -1'],
    ['NaN mean', () => normal({ mean: Number.NaN, sd: 1 }), 'mean must be a finite number; got NaN'],
    ['infinite bound', () => uniform({ low: 0, high: Infinity }), 'high must be a finite number'],
    [
      'NaN bound',
      () => truncatedNormal({ mean: 0, sd: 1, low: Number.NaN }),
      'low must be a number; got NaN',
    ],
    ['no mass', () => truncatedNormal({ mean: 0, sd: 1, low: 60 }), 'must enclose some probability'],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
    try {
      make();
    } catch (error) {
      expect(isLensfieldError(error, 'INVALID_ARGUMENT')).toBe(true);
    }
  });
});
