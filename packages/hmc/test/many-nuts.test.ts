import { foldIn, keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import {
  blockMetric,
  diagonalMetric,
  lowRankMetric,
  type ManyNutsOptions,
  manyNuts,
  nuts,
  omelyan,
  runManyChains,
  unitMetric,
} from '../src/index.ts';
import {
  errorsOfMean,
  expectPriorAgain,
  manyOf,
  scattered,
  simulatedPosteriors,
} from './support/many-chains.ts';
import {
  banana,
  correlatedGaussian,
  eightSchools,
  quarticTarget,
  type TestTarget,
} from './support/targets.ts';

const run = (options: ManyNutsOptions) => runManyChains(manyNuts(options));

describe('without warm-up', () => {
  const options: ManyNutsOptions = {
    key: keyOf(3),
    logDensities: manyOf(eightSchools),
    initialPositions: scattered(4, 5, 10),
    initialMetric: diagonalMetric(Float64Array.from({ length: 10 }, (_, i) => 1 + 0.1 * i)),
    initialStepSize: 0.3,
    numWarmup: 0,
    numSamples: 40,
  };
  const result = run(options);

  it.each([0, 4])('chain %s has the draws of NUTS alone, to the last bit', (chain) => {
    const { init, step } = nuts(eightSchools.logDensityAndGradient, {
      stepSize: 0.3,
      metric: options.initialMetric!,
    });
    let state = init(options.initialPositions.data.slice(10 * chain, 10 * chain + 10) as Float64Array);
    let numSteps = 0;
    for (let draw = 0; draw < 40; draw++) {
      const [next, info] = step(foldIn(foldIn(keyOf(3), chain), draw), state);
      const at = chain * 40 + draw;
      expect(result.samples.data.slice(10 * at, 10 * at + 10)).toEqual(next.position);
      expect(result.logDensities.data[at]).toBe(next.logDensity);
      numSteps += info.numIntegrationSteps;
      state = next;
    }
    expect(result.numIntegrationSteps[chain]).toBe(numSteps);
  });

  it('every call moves every chain: as many calls as the longest chain has steps, and one to begin', () => {
    expect(result.calls).toEqual({ warmup: 0, sampling: Math.max(...result.numIntegrationSteps) + 1 });
  });

  it('a chain has the same draws beside others and alone', () => {
    const { data } = options.initialPositions;
    const alone = run({ ...options, initialPositions: { shape: [1, 10], data: data.slice(0, 10) } });
    expect(alone.samples.data).toEqual(result.samples.data.slice(0, 400));
  });

  it('calls once per stage of the integrator', () => {
    const staged = run({ ...options, integrator: omelyan });
    expect(staged.calls.sampling).toBe(4 * Math.max(...staged.numIntegrationSteps) + 1);
  });
});

describe('with warm-up', () => {
  it('has the moments of a correlated Gaussian, and learns its variances', () => {
    const target = correlatedGaussian(20, 3);
    const result = run({
      key: keyOf(1),
      logDensities: manyOf(target),
      initialPositions: scattered(2, 60, 20),
      numSamples: 60,
    });
    for (let i = 0; i < 20; i++) {
      const variance = target.covariance[21 * i];
      expect(errorsOfMean(result, (x) => x[i], 0)).toBeLessThan(5);
      expect(errorsOfMean(result, (x) => x[i] ** 2, variance)).toBeLessThan(5);
      // 40 rounds of 60 chains, less what neighbouring draws share: some 1000 effective draws give a variance to 5 %.
      expect(Math.abs(result.metric.diagonal[i] / variance - 1)).toBeLessThan(0.25);
    }
    const acceptance = result.acceptanceRates.reduce((sum, rate) => sum + rate / 60, 0);
    // Dual averaging leaves the rate a little above the 0.8 that it steers to.
    expect(Math.abs(acceptance - 0.82)).toBeLessThan(0.08);
    expect(result.numDivergences.every((count) => count === 0)).toBe(true);
  });

  it('learns a dense block where the initial metric has one, and needs fewer calls', () => {
    const target = correlatedGaussian(20, 3);
    const options = { key: keyOf(1), logDensities: manyOf(target), initialPositions: scattered(2, 60, 20) };
    const identity = Float64Array.from({ length: 400 }, (_, i) => (i % 21 === 0 ? 1 : 0));
    const dense = run({
      ...options,
      numSamples: 20,
      initialMetric: blockMetric(identity, new Float64Array(0)),
    });
    const diagonal = run({ ...options, numSamples: 20 });
    // A covariance entry of unit scale from some 1000 effective draws: 0.03 times the standard deviations of its row and column.
    const worst = dense.metric.dense.reduce((largest, value, at) => {
      const [i, j] = [Math.floor(at / 20), at % 20];
      const scale = Math.sqrt(target.covariance[21 * i] * target.covariance[21 * j]);
      return Math.max(largest, Math.abs(value - target.covariance[at]) / scale);
    }, 0);
    expect(worst).toBeLessThan(0.2);
    expect(dense.calls.sampling).toBeLessThan(0.7 * diagonal.calls.sampling);
  });

  type Moment = readonly [(x: Float64Array) => number, number];
  const shaped: readonly [string, TestTarget, number, readonly Moment[]][] = [
    [
      'a banana',
      banana,
      1,
      [
        [(x) => x[0] ** 2, 1],
        [(x) => x[1] ** 2, 3],
      ],
    ],
    // E[x^2] and E[y^2] of exp(-x^4 / 4 + x^2 / 8): by quadrature on a grid of 2e-4; y given x is N(x / 2, 1).
    [
      'a quartic well',
      quarticTarget,
      2,
      [
        [(x) => x[0] ** 2, 0.7489363],
        [(x) => x[1] ** 2, 1.1872341],
      ],
    ],
  ];
  it.each(shaped)('has the second moments of %s', (_, target, seed, moments) => {
    const result = run({
      key: keyOf(seed),
      logDensities: manyOf(target),
      initialPositions: scattered(seed, 100, 2),
      targetAcceptanceRate: 0.9,
      numSamples: 200,
    });
    for (const [read, truth] of moments) expect(errorsOfMean(result, read, truth)).toBeLessThan(5);
  });

  it('gives the prior back over many simulations, each chain with data of its own', () => {
    const { theta, logDensities } = simulatedPosteriors(5, 600);
    const initialPositions = { shape: [600, 2], data: new Float64Array(1200) };
    const result = run({ key: keyOf(6), logDensities, initialPositions, numWarmup: 30, numSamples: 5 });
    expectPriorAgain(result, theta);
  });

  it('the same key gives the same draws, another key others', () => {
    const options = { logDensities: manyOf(banana), initialPositions: scattered(1, 8, 2), numSamples: 5 };
    const first = run({ ...options, key: keyOf(1), numWarmup: 20 });
    expect(run({ ...options, key: keyOf(1), numWarmup: 20 })).toEqual(first);
    expect(run({ ...options, key: keyOf(2), numWarmup: 20 }).samples.data).not.toEqual(first.samples.data);
  });
});

describe('what cannot be sampled is refused', () => {
  const options: ManyNutsOptions = {
    key: keyOf(1),
    logDensities: manyOf(banana),
    initialPositions: scattered(1, 2, 2),
    numSamples: 1,
  };
  const eye = Float64Array.of(1, 0, 0, 1);
  it.each([
    [
      'no chains',
      { initialPositions: { shape: [0, 2], data: new Float64Array(0) } },
      'must have shape [chains, dimension]',
    ],
    ['no draws', { numSamples: 0 }, 'numSamples must be a whole number of at least 1; got 0'],
    [
      'a metric of another size',
      { initialMetric: unitMetric(3) },
      'initialMetric must have dimension 2; got 3',
    ],
    [
      'a low-rank metric',
      { initialMetric: lowRankMetric(unitMetric(2), eye.slice(0, 2), Float64Array.of(4)) },
      'got the flow `gaussian` or a low-rank part',
    ],
    [
      'a start outside the support',
      { logDensities: (_: Float64Array, values: Float64Array) => void values.fill(Number.NEGATIVE_INFINITY) },
      'must be finite where a chain starts; got log density -Infinity for chain 0',
    ],
  ] as [string, Partial<ManyNutsOptions>, string][])('%s', (_, extra, message) => {
    expect(() => run({ ...options, ...extra })).toThrow(message);
  });
});
