import type { LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn, keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { type AdjustedMclmcOptions, adjustedMclmc, mclmc, unitMetric } from '../src/index.ts';
import { deviationsInErrors } from './support/effective-sample-size.ts';
import { independentGaussian } from './support/targets.ts';

const DIMENSION = 400;
const deviations = Array.from({ length: DIMENSION }, (_, i) => 0.7 * 2 ** (i / (DIMENSION - 1)));
const { logDensityAndGradient } = independentGaussian(deviations);
const metric = unitMetric(DIMENSION);
const numSteps = 20_000;

/** Sum over coordinates of (x / sd)^2 over the dimension, at each step: mean 1, what a step too large shifts first. */
function sizes(step: (i: number) => Float64Array): Float64Array {
  return Float64Array.from({ length: numSteps }, (_, i) =>
    step(i).reduce((sum, x, d) => sum + (x / deviations[d]!) ** 2 / DIMENSION, 0),
  );
}

/** A step so long that a quarter of the steps is refused. */
const LONG_STEP = 1.05;

describe('a Gaussian in 400 dimensions with spreads from 0.7 to 1.4', () => {
  it.each([1, 4])('is sampled without bias by long steps, forgetting after %i lengths', (decoherence) => {
    const { init, step } = adjustedMclmc(logDensityAndGradient, { stepSize: LONG_STEP, metric, decoherence });
    let state = init(Float64Array.from(deviations));
    let acceptance = 0;
    const values = sizes((i) => {
      const [next, info] = step(foldIn(keyOf(5), i), state);
      state = next;
      acceptance += info.acceptanceRate / numSteps;
      return state.position;
    });
    expect(acceptance).toBeGreaterThan(0.5);
    expect(acceptance).toBeLessThan(0.85);
    const { mean, effectiveSize } = deviationsInErrors(values, { mean: 1, variance: 2 / DIMENSION });
    expect(effectiveSize).toBeGreaterThan(300);
    expect(mean).toBeLessThan(5);
  });

  it('which steps of that length, never refused, do not: the known-bad case', () => {
    const length = Math.sqrt(DIMENSION);
    const { init, step } = mclmc(logDensityAndGradient, {
      stepSize: LONG_STEP * length,
      decoherenceLength: length,
      metric,
    });
    let state = init(Float64Array.from(deviations));
    const values = sizes((i) => {
      [state] = step(foldIn(keyOf(5), i), state);
      return state.position;
    });
    expect(deviationsInErrors(values, { mean: 1, variance: 2 / DIMENSION }).mean).toBeGreaterThan(10);
  });
});

describe('a refused step', () => {
  const wall: LogDensityAndGradient = (position, gradient) => {
    gradient.fill(0);
    return position[0]! > 1 ? Number.NaN : 0;
  };

  it('stays, turns round, and counts as divergent where the density is not finite', () => {
    const options = { stepSize: 5, decoherence: Number.POSITIVE_INFINITY, metric: unitMetric(2) };
    const { init, step } = adjustedMclmc(wall, options);
    const start = { ...init(new Float64Array(2)), direction: Float64Array.of(1, 0) };
    const [state, info] = step(keyOf(1), start);
    expect(info).toMatchObject({ isDivergent: true, isAccepted: false, acceptanceRate: 0, energyError: 0 });
    expect(state.position).toEqual(start.position);
    expect(state.direction[0]).toBe(-1);
  });
});

it('the same key gives the same step; other keys give others, where they refresh the direction', () => {
  const { init, step } = adjustedMclmc(logDensityAndGradient, { stepSize: 0.3, metric });
  const start = init(Float64Array.from(deviations));
  expect(step(keyOf(1), start)).toEqual(step(keyOf(1), start));
  const ends = new Set(Array.from({ length: 40 }, (_, i) => step(keyOf(i), start)[0].position[0]));
  /* A quarter of 40 refreshes, each to a direction of its own. */
  expect(ends.size).toBeGreaterThan(4);
  expect(ends.size).toBeLessThan(20);
});

it.each<[string, Partial<AdjustedMclmcOptions>, string]>([
  ['a step of zero', { stepSize: 0 }, 'stepSize must be positive'],
  ['a decoherence of zero', { decoherence: 0 }, 'decoherence must be above 0; got 0'],
])('refuses %s', (_, extra, message) => {
  expect(() => adjustedMclmc(logDensityAndGradient, { stepSize: 1, metric, ...extra })).toThrow(message);
});
