import { keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import {
  buildHmcKernel,
  createChain,
  type HmcKernelOptions,
  hmc,
  type SamplerOptions,
  unitMetric,
} from '../src/index.ts';
import { independentGaussian } from './support/targets.ts';

/** A chain of HMC that learns its length, to the end of warm-up. */
function warmedUp(deviations: number[], seed: number, sampler: Partial<HmcKernelOptions> = {}) {
  const { dimension, logDensityAndGradient } = independentGaussian(deviations);
  const chain = createChain(logDensityAndGradient, dimension, {
    key: keyOf(seed),
    numWarmup: 800,
    numSamples: 0,
    sampler: { kind: 'hmc', ...sampler, numIntegrationSteps: 'adapted' } as SamplerOptions,
    adaptation: { adaptMetric: false },
  });
  const state = chain.init(new Float64Array(dimension).fill(0.5));
  while (state.draw < 800) chain.advance(state);
  return state.adaptation;
}

describe('the trajectory length that one chain learns', () => {
  it.each([1, 2, 3])('is where the rate is greatest, key %i', (seed) => {
    // Thirty coordinates of deviation s: the change in squared distance over a time t has mean square proportional to sin^2(t / s). With
    // jitter of 0.5 about t its mean is (1 - sin(x) cos(2 x) / x) / 2 with x = t / s, and over t it is greatest at x = 1.1.
    const rate = (x: number) => (1 - (Math.sin(x) * Math.cos(2 * x)) / x) / 2 / x;
    const grid = Array.from({ length: 400 }, (_, i) => 0.01 * (i + 1));
    const best = grid.reduce((a, b) => (rate(b) > rate(a) ? b : a));
    const { trajectory } = warmedUp(new Array(30).fill(3), seed);
    expect(Math.abs(trajectory!.length / (3 * best) - 1)).toBeLessThan(0.25);
  });

  it('follows the longest of the coordinates, not the many', () => {
    const { trajectory } = warmedUp([...new Array(50).fill(1), 20, 20], 4);
    expect(trajectory!.length).toBeGreaterThan(10);
    expect(trajectory!.length).toBeLessThan(40);
  });
});

it('is bounded by the most steps', () => {
  const { dimension, logDensityAndGradient } = independentGaussian([1, 1, 1, 1000]);
  const chain = createChain(logDensityAndGradient, dimension, {
    key: keyOf(1),
    numWarmup: 300,
    numSamples: 50,
    sampler: { kind: 'hmc', numIntegrationSteps: 'adapted', maxIntegrationSteps: 7 },
    adaptation: { adaptMetric: false },
  });
  const state = chain.init(new Float64Array(4));
  while (state.draw < 350) chain.advance(state);
  expect(state.gradients.sampling).toBeLessThanOrEqual(7 * 50);
  // The length averages those of warm-up, bounded with the step of the time; jitter takes half off at most.
  expect(state.gradients.sampling).toBeGreaterThan(3 * 50);
});

it('has no meaning outside of chains, and says so', () => {
  const { logDensityAndGradient } = independentGaussian([1, 1]);
  const metric = unitMetric(2);
  const kernel = buildHmcKernel(logDensityAndGradient, 2, { numIntegrationSteps: 'adapted' });
  const { init } = hmc(logDensityAndGradient, { stepSize: 1, metric, numIntegrationSteps: 3 });
  expect(() => kernel(keyOf(1), init(new Float64Array(2)), 0.1, metric)).toThrow(
    "numIntegrationSteps must be a whole number outside of chains; got 'adapted'",
  );
});
