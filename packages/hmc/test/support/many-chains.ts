import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { expect } from 'vitest';
import type { ManyChainsResult, ManyLogDensities } from '../../src/index.ts';
import type { TestTarget } from './targets.ts';

/** The same target for every chain. */
export function manyOf({ dimension, logDensityAndGradient }: TestTarget): ManyLogDensities {
  const spare = new Float64Array(dimension);
  return (positions, logDensities, gradients) => {
    for (let c = 0; c < logDensities.length; c++) {
      const [from, to] = [c * dimension, (c + 1) * dimension];
      const gradient = gradients?.subarray(from, to) ?? spare;
      logDensities[c] = logDensityAndGradient(positions.subarray(from, to), gradient);
    }
  };
}

/** Starts of chains: twice a standard normal. */
export function scattered(seed: number, chains: number, dimension: number) {
  const data = normalFloat64(keyOf(seed), chains * dimension).map((z) => 2 * z);
  return { shape: [chains, dimension], data };
}

/**
 * How far the mean of a function of the draws is from the truth, in standard errors. Chains are independent, so that the spread of their
 * own means tells the error whatever the correlation inside a chain.
 */
export function errorsOfMean(
  { samples }: ManyChainsResult,
  read: (draw: Float64Array) => number,
  truth: number,
): number {
  const [chains, draws, width] = samples.shape;
  const means = Float64Array.from({ length: chains }, (_, c) => {
    let sum = 0;
    for (let i = 0; i < draws; i++) {
      const at = (c * draws + i) * width;
      sum += read(samples.data.subarray(at, at + width));
    }
    return sum / draws;
  });
  const mean = means.reduce((sum, value) => sum + value, 0) / chains;
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (chains - 1);
  return Math.abs(mean - truth) / Math.sqrt(variance / chains);
}

export const NOISE = 0.5;
const SLOPES = [2, -1];

/**
 * One model for each chain: theta ~ N(0, I) in two dimensions, x = 2 theta_0 - theta_1 + N(0, 0.5^2), and the posterior of theta given the
 * chain's own x.
 */
export function simulatedPosteriors(seed: number, chains: number) {
  const theta = normalFloat64(keyOf(seed), 2 * chains);
  const noise = normalFloat64(keyOf(seed + 1), chains);
  const x = noise.map((e, c) => SLOPES[0] * theta[2 * c] + SLOPES[1] * theta[2 * c + 1] + NOISE * e);
  const logDensities: ManyLogDensities = (positions, values, gradients) => {
    for (let c = 0; c < values.length; c++) {
      const [a, b] = [positions[2 * c], positions[2 * c + 1]];
      const residual = (x[c] - SLOPES[0] * a - SLOPES[1] * b) / NOISE ** 2;
      values[c] = -(a * a + b * b + NOISE ** 2 * residual * residual) / 2;
      if (!gradients) continue;
      gradients[2 * c] = SLOPES[0] * residual - a;
      gradients[2 * c + 1] = SLOPES[1] * residual - b;
    }
  };
  return { theta, logDensities };
}

/**
 * Over many simulations posterior draws have the distribution of the prior, and truth and draw may change places: moments of the last
 * draw of each chain, and the share of draws above the truth.
 */
export function expectPriorAgain({ samples }: ManyChainsResult, theta: Float64Array): void {
  const [chains, draws, width] = samples.shape;
  const error = 1 / Math.sqrt(chains);
  for (let j = 0; j < width; j++) {
    const last = Float64Array.from(
      { length: chains },
      (_, c) => samples.data[(c * draws + draws - 1) * width + j],
    );
    const meanOf = (f: (draw: number, c: number) => number) =>
      last.reduce((sum, draw, c) => sum + f(draw, c) / chains, 0);
    // Standard errors of independent standard normals, of their squares (variance 2) and of a fair coin.
    expect(Math.abs(meanOf((draw) => draw))).toBeLessThan(5 * error);
    expect(Math.abs(meanOf((draw) => draw * draw) - 1)).toBeLessThan(5 * Math.SQRT2 * error);
    expect(Math.abs(meanOf((draw, c) => (draw > theta[width * c + j] ? 1 : 0)) - 0.5)).toBeLessThan(
      2.5 * error,
    );
    // E[draw theta] = Var(E[theta | x]) = slope^2 / (5 + noise^2); the product of two standard normals varies by at most 2.
    const shared = SLOPES[j] ** 2 / (5 + NOISE ** 2);
    expect(Math.abs(meanOf((draw, c) => draw * theta[width * c + j]) - shared)).toBeLessThan(
      5 * Math.SQRT2 * error,
    );
  }
}
