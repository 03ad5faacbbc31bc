import { keyOf, splitKey } from '@lensfield/kernels';
import { bench, describe } from 'vitest';
import { blockMetric, createChain, encodeCheckpoint, hmc, type Metric, nuts } from '../src/index.ts';

/**
 * What the sampler itself costs at the size of the LSST-Y10 map: 6 parameters and 5 x 256^2 latents, with a target that costs next to
 * nothing (its gradient is one pass). Time per iteration over the number of integrator steps is the overhead per gradient.
 */
const dimension = 6 + 5 * 256 * 256;

function cheapTarget(position: Float64Array, gradient: Float64Array): number {
  let logDensity = 0;
  for (let i = 0; i < position.length; i++) {
    gradient[i] = -position[i];
    logDensity -= (position[i] * position[i]) / 2;
  }
  return logDensity;
}

function identityBlock(k: number): Metric {
  const block = new Float64Array(k * k);
  for (let i = 0; i < k; i++) block[i * (k + 1)] = 1;
  return blockMetric(block, new Float64Array(dimension - k).fill(1));
}

const key = keyOf(1);
const start = new Float64Array(dimension).fill(0.1);
const metric = identityBlock(6);
// Steps of 1e-6 never turn: exactly 31 steps in both.
const five = nuts(cheapTarget, { stepSize: 1e-6, metric, maxTreeDepth: 5 });
const fixed = hmc(cheapTarget, { stepSize: 1e-6, metric, numIntegrationSteps: 31 });
const state = five.init(start);
const chain = createChain(cheapTarget, dimension, {
  key: splitKey(key)[0],
  numWarmup: 100,
  numSamples: 1,
  recorded: [0, 1, 2, 3, 4, 5],
  adaptation: { initialMetric: metric },
});
const chainState = chain.init(start);
const gradient = new Float64Array(dimension);

describe('327 686 dimensions', () => {
  bench('31 gradients of the target alone', () => {
    for (let i = 0; i < 31; i++) cheapTarget(start, gradient);
  });
  bench('HMC, 31 steps', () => {
    fixed.step(key, state);
  });
  bench('NUTS, 31 steps', () => {
    five.step(key, state);
  });
  bench('checkpoint in the middle of warm-up, to bytes', () => {
    encodeCheckpoint(chainState);
  });
});
