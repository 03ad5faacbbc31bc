import type { LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn, keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { blockMetric, type MclmcState, mclmc, tuneMclmc, unitMetric } from '../src/index.ts';
import { deviationsInErrors } from './support/effective-sample-size.ts';
import { correlatedGaussian, independentGaussian, reparametrisedFunnel } from './support/targets.ts';

/** Steps from a state: the chosen coordinates of each, and the mean square energy error over the dimension. */
function walk(
  logDensityAndGradient: LogDensityAndGradient,
  settings: Parameters<typeof mclmc>[1],
  start: MclmcState,
  numSteps: number,
) {
  const { step } = mclmc(logDensityAndGradient, settings);
  const dimension = start.position.length;
  const columns = start.position.length > 20 ? [0, 1, dimension - 1] : Array.from(start.position.keys());
  const values = columns.map(() => new Float64Array(numSteps));
  let state = start;
  let squares = 0;
  const secondMoments = new Float64Array(dimension);
  for (let i = 0; i < numSteps; i++) {
    const [next, info] = step(foldIn(keyOf(77), i), state);
    state = next;
    expect(info.isDivergent).toBe(false);
    squares += info.energyError ** 2;
    for (let d = 0; d < dimension; d++) secondMoments[d]! += state.position[d]! ** 2 / numSteps;
    columns.forEach((column, c) => {
      values[c]![i] = state.position[column]!;
    });
  }
  return { values, columns, energyVariance: squares / numSteps / dimension, secondMoments };
}

describe('a Gaussian in 500 dimensions with spreads from 0.5 to 2', () => {
  const deviations = Array.from({ length: 500 }, (_, i) => 0.5 * 4 ** (i / 499));
  const { logDensityAndGradient } = independentGaussian(deviations);
  const metric = unitMetric(500);
  const tuning = tuneMclmc(logDensityAndGradient, {
    key: keyOf(1),
    position: new Float64Array(500).fill(0.1),
    numSteps: 1500,
    metric,
  });
  const { state, stepSize, decoherenceLength } = tuning;
  const run = walk(logDensityAndGradient, { stepSize, decoherenceLength, metric }, state, 20_000);

  /** Mean over all coordinates of the relative bias of the second moment. */
  const biasOf = ({ secondMoments }: { secondMoments: Float64Array }) =>
    secondMoments.reduce((sum, square, i) => sum + square / deviations[i]! ** 2 - 1, 0) / 500;

  it('has means within five standard errors, and second moments that are right to a per cent on average', () => {
    run.columns.forEach((column, c) => {
      const errors = deviationsInErrors(run.values[c]!, { mean: 0, variance: deviations[column]! ** 2 });
      expect(errors.mean).toBeLessThan(5);
      expect(errors.effectiveSize).toBeGreaterThan(100);
    });
    // 500 coordinates with an ESS of at least 500 each: a standard error of 0.3 %.
    expect(Math.abs(biasOf(run))).toBeLessThan(0.03);
  });

  it('is tuned to the energy variance asked for, and to the size of the target', () => {
    expect(run.energyVariance).toBeGreaterThan(5e-4 / 1.5);
    expect(run.energyVariance).toBeLessThan(5e-4 * 1.5);
    const size = Math.sqrt(deviations.reduce((sum, s) => sum + s * s, 0));
    expect(Math.abs(decoherenceLength / size - 1)).toBeLessThan(0.1);
  });

  it('is biased when the step is far too large: the known-bad case', () => {
    const bad = walk(
      logDensityAndGradient,
      { stepSize: 4 * stepSize, decoherenceLength, metric },
      state,
      5000,
    );
    expect(bad.energyVariance).toBeGreaterThan(0.01);
    expect(biasOf(bad)).toBeGreaterThan(0.1);
  });
});

it('mixes a correlated Gaussian in its metric', () => {
  const { logDensityAndGradient, covariance, dimension } = correlatedGaussian(100, 3);
  const metric = blockMetric(covariance, new Float64Array(0));
  const options = { key: keyOf(2), position: new Float64Array(dimension).fill(0.5), numSteps: 900, metric };
  const { state, stepSize, decoherenceLength } = tuneMclmc(logDensityAndGradient, options);
  // All coordinates are alike in this metric: the best length is about the size, 10, on a broad optimum.
  expect(Math.abs(Math.log(decoherenceLength / 10))).toBeLessThan(Math.log(1.5));
  const run = walk(logDensityAndGradient, { stepSize, decoherenceLength, metric }, state, 10_000);
  run.columns.forEach((column, c) => {
    const truth = { mean: 0, variance: covariance[column * (dimension + 1)]! };
    const errors = deviationsInErrors(run.values[c]!, truth);
    expect(errors.mean).toBeLessThan(5);
    expect(errors.effectiveSize).toBeGreaterThan(300);
    const square = run.values[c]!.reduce((sum, x) => sum + x * x, 0) / run.values[c]!.length;
    expect(Math.abs(square / truth.variance - 1)).toBeLessThan(
      0.03 + 5 * Math.sqrt(2 / errors.effectiveSize),
    );
  });
});

it('learns a diagonal metric where none is given', () => {
  const deviations = Array.from({ length: 40 }, (_, i) => 0.3 * 10 ** (i / 39));
  const { logDensityAndGradient } = independentGaussian(deviations);
  const options = { key: keyOf(3), position: new Float64Array(40).fill(0.1), numSteps: 6000 };
  const { metric, decoherenceLength } = tuneMclmc(logDensityAndGradient, options);
  // 1500 steps teach the variances: about 50 effective draws of the longest, five times its error of 2 / sqrt(100) in the logarithm.
  metric.diagonal.forEach((variance, i) => {
    expect(Math.abs(Math.log(variance / deviations[i]! ** 2))).toBeLessThan(1);
  });
  expect(Math.abs(Math.log(decoherenceLength / Math.sqrt(40)))).toBeLessThan(Math.log(1.5));
});

it('the same key gives the same steps, another key others', () => {
  const { logDensityAndGradient } = reparametrisedFunnel(9);
  const { init, step } = mclmc(logDensityAndGradient, {
    stepSize: 0.5,
    decoherenceLength: 3,
    metric: unitMetric(10),
  });
  const start = init(new Float64Array(10).fill(0.3));
  expect(step(keyOf(1), start)).toEqual(step(keyOf(1), start));
  expect(step(keyOf(1), start)[0].position).not.toEqual(step(keyOf(2), start)[0].position);
});

it('turns round where the density is not finite', () => {
  const wall: LogDensityAndGradient = (position, gradient) => {
    gradient.fill(0);
    return position[0]! > 1 ? Number.NaN : 0;
  };
  const { init, step } = mclmc(wall, { stepSize: 50, decoherenceLength: 1e9, metric: unitMetric(2) });
  const start = { ...init(new Float64Array(2)), direction: Float64Array.of(1, 0) };
  const [state, info] = step(keyOf(1), start);
  expect(info.isDivergent).toBe(true);
  expect(state.position).toEqual(start.position);
  expect(state.direction[0]).toBe(-1);
});

it.each([
  ['a step of zero', { stepSize: 0 }, 'stepSize must be positive'],
  ['a negative length', { decoherenceLength: -1 }, 'decoherenceLength must be above 0; got -1'],
])('refuses %s', (_, extra, message) => {
  const { logDensityAndGradient } = independentGaussian([1, 1]);
  const options = { stepSize: 1, decoherenceLength: 1, metric: unitMetric(2), ...extra };
  expect(() => mclmc(logDensityAndGradient, options)).toThrow(message);
});

it('refuses one dimension, and an energy variance of zero', () => {
  const { logDensityAndGradient } = independentGaussian([1]);
  const { init } = mclmc(logDensityAndGradient, { stepSize: 1, decoherenceLength: 1, metric: unitMetric(1) });
  expect(() => init(Float64Array.of(0))).toThrow('at least two coordinates');
  const options = { key: keyOf(1), position: new Float64Array(2), numSteps: 100, metric: unitMetric(2) };
  expect(() => tuneMclmc(logDensityAndGradient, { ...options, energyVariance: 0 })).toThrow(
    'energyVariance must be positive and finite; got 0',
  );
});
