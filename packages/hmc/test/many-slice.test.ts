import { keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { type ManyLogDensities, type ManySliceOptions, manySlice, runManyChains } from '../src/index.ts';
import {
  errorsOfMean,
  expectPriorAgain,
  manyOf,
  scattered,
  simulatedPosteriors,
} from './support/many-chains.ts';
import { banana, independentGaussian } from './support/targets.ts';

const run = (options: ManySliceOptions) => runManyChains(manySlice(options));

it('has the moments of Gaussian coordinates of very different widths, and learns the widths', () => {
  const deviations = [0.01, 1, 100];
  const result = run({
    key: keyOf(1),
    logDensities: manyOf(independentGaussian(deviations)),
    initialPositions: scattered(2, 50, 3),
    numSamples: 100,
  });
  deviations.forEach((sd, j) => {
    expect(errorsOfMean(result, (x) => x[j], 0)).toBeLessThan(5);
    expect(errorsOfMean(result, (x) => x[j] ** 2, sd * sd)).toBeLessThan(5);
    // The mean length of a slice of a normal density: 2 E sqrt(z^2 + 2 E') = 3.2 sd; what stays from the start is 0.9^100.
    expect(Math.abs(result.widths[j] / sd - 3.2)).toBeLessThan(0.3);
  });
});

it('has the second moments of a banana', () => {
  const result = run({
    key: keyOf(3),
    logDensities: manyOf(banana),
    initialPositions: scattered(3, 100, 2),
    numSamples: 500,
  });
  expect(errorsOfMean(result, (x) => x[0] ** 2, 1)).toBeLessThan(5);
  expect(errorsOfMean(result, (x) => x[1] ** 2, 3)).toBeLessThan(5);
});

it('keeps to the support: a half-normal density that is not a number below 0', () => {
  const logDensities: ManyLogDensities = (positions, values) => {
    positions.forEach((x, c) => {
      values[c] = x < 0 ? Number.NaN : (-x * x) / 2;
    });
  };
  const initialPositions = { shape: [100, 1], data: new Float64Array(100).fill(1) };
  const result = run({ key: keyOf(4), logDensities, initialPositions, numSamples: 100 });
  expect(result.samples.data.every((x) => x >= 0)).toBe(true);
  expect(errorsOfMean(result, (x) => x[0], Math.sqrt(2 / Math.PI))).toBeLessThan(5);
});

it.each([1, 3])('is exact with intervals of at most %s widths that are too short', (maxIntervals) => {
  const result = run({
    key: keyOf(5),
    logDensities: manyOf(independentGaussian([1])),
    initialPositions: scattered(5, 200, 1),
    numWarmup: 0,
    numSamples: 600,
    initialWidth: 0.7,
    maxIntervals,
  });
  // Some 40 sweeps forget the start at 2 sd; the second half has forgotten it.
  const { samples } = result;
  const data = Float64Array.from(
    { length: 200 * 300 },
    (_, i) => samples.data[Math.floor(i / 300) * 600 + 300 + (i % 300)],
  );
  const half = { ...result, samples: { shape: [200, 300, 1], data } };
  expect(errorsOfMean(half, (x) => x[0] ** 2, 1)).toBeLessThan(5);
  expect(errorsOfMean(half, (x) => x[0] ** 4, 3)).toBeLessThan(5);
});

it('gives the prior back over many simulations, each chain with data of its own', () => {
  const { theta, logDensities } = simulatedPosteriors(5, 2000);
  const initialPositions = { shape: [2000, 2], data: new Float64Array(4000) };
  const result = run({ key: keyOf(6), logDensities, initialPositions, numWarmup: 30, numSamples: 2 });
  expectPriorAgain(result, theta);
});

it('every call tries one point of every chain, and never asks for a gradient', () => {
  let calls = 0;
  const density = manyOf(banana);
  const counted: ManyLogDensities = (positions, values, gradients) => {
    calls++;
    expect(gradients).toBeUndefined();
    expect(values).toHaveLength(7);
    density(positions, values);
  };
  const options = {
    key: keyOf(1),
    logDensities: counted,
    initialPositions: scattered(1, 7, 2),
    numSamples: 10,
  };
  const first = run(options);
  expect(first.calls.warmup + first.calls.sampling).toBe(calls);
  expect(run(options)).toEqual(first);
});

describe('what cannot be sampled is refused', () => {
  const options = {
    key: keyOf(1),
    logDensities: manyOf(banana),
    initialPositions: scattered(1, 2, 2),
    numSamples: 1,
  };
  it.each([
    [{ initialWidth: 0 }, 'initialWidth must be positive and finite; got 0'],
    [{ maxIntervals: 0 }, 'maxIntervals must be a whole number of at least 1; got 0'],
    [
      { logDensities: (_: Float64Array, values: Float64Array) => void values.fill(Number.NaN) },
      'must be finite where a chain starts; got log density NaN for chain 0',
    ],
  ])('%j', (extra, message) => {
    expect(() => run({ ...options, ...extra })).toThrow(message);
  });
});
