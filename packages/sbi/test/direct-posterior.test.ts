import type { ConditionalDensity } from '@lensfield/contracts';
import { gaussLegendre, keyOf, normal, normalCdf } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { directPosterior, jointPrior, uniform } from '../src/index.ts';

/** N(context, sd^2) in one dimension: a density whose leak out of [0, 1] is known. */
function gaussian(sd: number): ConditionalDensity {
  return {
    dimension: 1,
    contextDimension: 1,
    logProb: (y, context) =>
      y.data.map(
        (v) => -0.5 * ((v - context.data[0]) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI),
      ),
    sample: (key, context, n) => ({ shape: [n, 1], data: normal(key, n).map((z) => context[0] + sd * z) }),
  };
}

const prior = jointPrior({ a: uniform({ low: 0, high: 1 }) });
const { nodes, weights } = gaussLegendre(200, 0, 1);

/** Integral of the posterior over the prior's support. */
const massOf = (logProb: (theta: Float64Array) => number) =>
  nodes.reduce((sum, node, i) => sum + weights[i] * Math.exp(logProb(Float64Array.of(node))), 0);

describe('in the parameters themselves', () => {
  const posterior = directPosterior({
    density: gaussian(0.3),
    prior,
    context: Float32Array.of(0.1),
    coordinates: 'constrained',
  });
  const inside = normalCdf(0.9 / 0.3) - normalCdf(-0.1 / 0.3);

  test('the leaked fraction is measured', () => {
    // Five standard errors of a share of 20 000 draws.
    expect(Math.abs(posterior.leakedFraction - (1 - inside))).toBeLessThan(5 * 0.0035);
  });

  test('what is left is renormalised, and nothing lies outside', () => {
    // The leaked fraction carries 0.35 % of 0.63.
    expect(Math.abs(massOf((theta) => posterior.logProb(theta)) - 1)).toBeLessThan(5 * 0.0055);
    expect(posterior.logProb(Float64Array.of(-0.01))).toBe(-Infinity);
    const draws = posterior.sample(keyOf(3), 5000);
    expect(draws.shape).toEqual([5000, 1]);
    expect(draws.data.every((v) => v >= 0 && v <= 1)).toBe(true);
    const mean = draws.data.reduce((sum, v) => sum + v / 5000, 0);
    const exact = nodes.reduce(
      (sum, x, i) => sum + weights[i] * x * Math.exp(posterior.logProb(Float64Array.of(x))),
      0,
    );
    // The sd of the cut Gaussian is below 0.3.
    expect(Math.abs(mean - exact)).toBeLessThan((5 * 0.3) / Math.sqrt(5000));
  });

  test('a density outside the support is an error that says so', () => {
    expect(() =>
      directPosterior({
        density: gaussian(0.1),
        prior,
        context: Float32Array.of(9),
        coordinates: 'constrained',
      }),
    ).toThrow("density must lie inside the prior's support; 100.00 % of it is outside");
  });
});

describe('in unconstrained coordinates', () => {
  const posterior = directPosterior({ density: gaussian(0.8), prior, context: Float32Array.of(1.2) });

  test('nothing leaks, and the density is normalised in the parameters', () => {
    expect(posterior.leakedFraction).toBe(0);
    // Quadrature of a density that vanishes at the bounds, float32 densities.
    expect(massOf((theta) => posterior.logProb(theta))).toBeCloseTo(1, 4);
    expect(posterior.logProb(Float64Array.of(0))).toBe(-Infinity);
    expect(posterior.logProb(Float64Array.of(1.5))).toBe(-Infinity);
    const draws = posterior.sample(keyOf(3), 5000).data;
    expect(draws.every((v) => v >= 0 && v <= 1)).toBe(true);
    // Median of theta is Phi of the median of u; sd of a sample median of u is 1.25 * 0.8 / sqrt(n), here times phi(1.2).
    const median = draws.slice().sort()[2500];
    expect(Math.abs(median - normalCdf(1.2))).toBeLessThan(5 * 0.0028);
  });

  test('draws stay inside the bounds after rounding to float32', () => {
    // 0.1 as float32 is above 0.1: the neighbour below must be taken.
    const narrow = jointPrior({ a: uniform({ low: 0, high: 0.1 }) });
    const pressed = directPosterior({ density: gaussian(0.1), prior: narrow, context: Float32Array.of(9) });
    const draws = pressed.sample(keyOf(1), 100);
    expect(draws.data.every((v) => v < 0.1 && v > 0.0999)).toBe(true);
    expect(pressed.logProbMany(draws).every(Number.isFinite)).toBe(true);
  });

  test.each([
    ['NaN', Float32Array.of(Number.NaN), 'the observation must be finite; got NaN in summary 0'],
    ['a wrong length', Float32Array.of(1, 2), 'the observation must have 1 summaries; got 2'],
  ])('an observation with %s is refused', (_, context, message) => {
    expect(() => directPosterior({ density: gaussian(1), prior, context })).toThrow(message);
  });
});
