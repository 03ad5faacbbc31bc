import { foldIn, keyOf, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { orthonormal } from '../src/adaptation/low-rank-estimate.ts';
import { blockMetric, denseMetric, lowRankMetric } from '../src/index.ts';
import { dimensionOf } from '../src/metric.ts';
import { denseVelocity, drawMomentum, driftLowRank, kineticEnergy } from '../src/momentum.ts';
import { createVectorPool, joinSpans, pointSpan } from '../src/trajectory.ts';
import { moveAlong, whitenGradient, whitenPosition } from '../src/white-coordinates.ts';

/** A dense block of two before four other coordinates, and two directions across all of them. */
const block = blockMetric(Float64Array.of(2, 0.6, 0.6, 1), Float64Array.of(0.5, 1, 4, 0.1));
const [u, v] = orthonormal([normalFloat64(keyOf(1), 6), normalFloat64(keyOf(2), 6)]);
const metric = lowRankMetric(block, Float64Array.of(...u, ...v), Float64Array.of(30, 0.05));

/** Column i of a linear map of vectors of six. */
const unit = (i: number) => new Float64Array(6).map((_, j) => (i === j ? 1 : 0));

/** The root C of the inverse mass matrix by its columns, from the docstring's formula and nothing else. */
function covarianceOf(): Float64Array {
  const lower = [Math.SQRT2, 0, 0.6 / Math.SQRT2, Math.sqrt(1 - 0.18)];
  const root = (w: Float64Array) =>
    Float64Array.of(
      lower[0] * w[0],
      lower[2] * w[0] + lower[3] * w[1],
      ...[0.5, 1, 4, 0.1].map((variance, i) => Math.sqrt(variance) * w[2 + i]),
    );
  const covariance = new Float64Array(36);
  const parts: [Float64Array, number][] = [
    ...Array.from({ length: 6 }, (_, i): [Float64Array, number] => [unit(i), 1]),
    [u, 29],
    [v, 0.05 - 1],
  ];
  for (const [direction, weight] of parts) {
    const b = root(direction);
    for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) covariance[i * 6 + j] += weight * b[i] * b[j];
  }
  return covariance;
}

const covariance = covarianceOf();
const dense = denseMetric(covariance);
const p = normalFloat64(keyOf(3), 6);
const times = (matrix: Float64Array, vector: Float64Array) =>
  Float64Array.from({ length: 6 }, (_, i) => vector.reduce((sum, x, j) => sum + matrix[i * 6 + j] * x, 0));
const largest = (a: Float64Array, b: Float64Array) => Math.max(...a.map((x, i) => Math.abs(x - b[i])));

describe('a metric of a block, a diagonal and two directions', () => {
  it('is the dense metric of its matrix: energy, velocity, white coordinates', () => {
    expect(dimensionOf(metric)).toBe(6);
    expect(Math.abs(kineticEnergy(metric, p) - kineticEnergy(dense, p))).toBeLessThan(1e-12);
    const velocity = new Float64Array(6).map((_, i) =>
      i < 2 ? denseVelocity(metric, p, i) : block.diagonal[i - 2] * p[i],
    );
    driftLowRank(metric, p, 1, velocity);
    expect(largest(velocity, times(covariance, p))).toBeLessThan(1e-12);
  });

  it("has a root C with C C' its matrix, which whitening undoes", () => {
    const product = new Float64Array(36);
    for (let k = 0; k < 6; k++) {
      const column = new Float64Array(6);
      moveAlong(metric, unit(k), 1, column);
      for (let i = 0; i < 6; i++) for (let j = 0; j < 6; j++) product[i * 6 + j] += column[i] * column[j];
      const white = new Float64Array(6);
      whitenPosition(metric, column, white);
      expect(largest(white, unit(k))).toBeLessThan(1e-12);
      whitenGradient(metric, p, white);
      expect(Math.abs(white[k] - column.reduce((sum, c, i) => sum + c * p[i], 0))).toBeLessThan(1e-12);
    }
    expect(largest(product, covariance)).toBeLessThan(1e-12);
  });

  it('draws momenta with the inverse of its matrix as covariance', () => {
    const n = 20_000;
    const energies = new Float64Array(n);
    const along = new Float64Array(n);
    const momentum = new Float64Array(6);
    for (let i = 0; i < n; i++) {
      drawMomentum(foldIn(keyOf(4), i), metric, momentum);
      energies[i] = 2 * kineticEnergy(dense, momentum);
      along[i] = times(covariance, p).reduce((sum, value, j) => sum + value * momentum[j], 0) ** 2;
    }
    // Chi-square with 6 degrees: mean 6, variance 12; the square of one projection has mean p' S p and twice its square as variance.
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value / n, 0);
    expect(Math.abs(mean(energies) - 6)).toBeLessThan(5 * Math.sqrt(12 / n));
    const expected = 2 * kineticEnergy(dense, p);
    expect(Math.abs(mean(along) / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  });

  it('turns round where the dense metric does', () => {
    const pool = createVectorPool(6);
    const random = (i: number) => normalFloat64(foldIn(keyOf(6), i), 6).map((x) => x + 0.2);
    let turns = 0;
    for (let i = 0; i < 600; i += 6) {
      const stretchOf = (at: number) => ({ first: random(at), last: random(at + 1), sum: random(at + 2) });
      const pointOf = (at: number) => pointSpan(pool, random(at));
      for (const make of [stretchOf, pointOf]) {
        const low = joinSpans(metric, pool, make(i), make(i + 3)).isTurning;
        expect(low).toBe(joinSpans(dense, pool, make(i), make(i + 3)).isTurning);
        turns += low ? 1 : 0;
      }
    }
    expect(turns).toBeGreaterThan(50);
    expect(turns).toBeLessThan(190);
  });
});

it.each<[string, Float64Array, Float64Array, string]>([
  [
    'directions that are not orthonormal',
    Float64Array.of(1, 1, 0, 0, 0, 0),
    Float64Array.of(2),
    'must be orthonormal',
  ],
  ['a variance of zero', u, Float64Array.of(0), 'variances must be positive and finite; got 0 at 0'],
  ['directions of another length', u.subarray(1), Float64Array.of(2), 'must hold 1 vectors of 6'],
])('refuses %s', (_, directions, variances, message) => {
  expect(() => lowRankMetric(block, directions, variances)).toThrow(message);
});
