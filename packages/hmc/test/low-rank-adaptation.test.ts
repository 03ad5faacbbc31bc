import { foldIn, keyOf, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { addToHistory, emptyHistory, lowRankOf } from '../src/adaptation/low-rank-estimate.ts';
import { createChain, diagonalMetric, lowRankMetric, unitMetric } from '../src/index.ts';
import { moveAlong } from '../src/white-coordinates.ts';
import { longDirections } from './support/targets.ts';

const dimension = 210;
const { logDensityAndGradient, directions, variance } = longDirections(dimension);
const exact = lowRankMetric(
  unitMetric(dimension),
  Float64Array.from(directions.flatMap((direction) => Array.from(direction))),
  new Float64Array(3).fill(variance),
);

/** Independent draws of the target with their gradients. */
function historyOf(count: number) {
  const history = emptyHistory(dimension, count);
  for (let i = 0; i < count; i++) {
    const position = new Float64Array(dimension);
    moveAlong(exact, normalFloat64(foldIn(keyOf(1), i), dimension), 1, position);
    const gradient = new Float64Array(dimension);
    addToHistory(history, { position, gradient, logDensity: logDensityAndGradient(position, gradient) });
  }
  return history;
}

describe('directions from draws and gradients', () => {
  it('are those of the target, from fewer draws than dimensions', () => {
    const learned = lowRankOf(unitMetric(dimension), historyOf(100), 8)!;
    const long = Array.from(learned.variances.keys()).filter((k) => learned.variances[k] > 10);
    expect(long.length).toBe(3);
    // What is left of a long direction: 1 - |P u|^2. The 207 short ones take a share of 207 / (100 * 1000) of each draw's sum of squares.
    for (const direction of directions) {
      const covered = long.reduce((sum, k) => {
        const row = learned.directions.subarray(k * dimension, (k + 1) * dimension);
        return sum + row.reduce((total, x, i) => total + x * direction[i], 0) ** 2;
      }, 0);
      expect(covered).toBeGreaterThan(1 - (5 * 207) / 1e5);
    }
    // A tilt of that size bounds the variance that gradients show: within sqrt(1 + 1000 * 0.002) of the true one.
    for (const k of long)
      expect(Math.abs(Math.log(learned.variances[k] / variance))).toBeLessThan(Math.log(2.5));
  });

  it('are none where the metric is right already, as a covariance of few draws would not say', () => {
    expect(lowRankOf(exact, historyOf(60), 8)).toBeUndefined();
  });

  it('are none of fewer than eight draws', () => {
    expect(lowRankOf(diagonalMetric(new Float64Array(dimension).fill(1)), historyOf(7), 8)).toBeUndefined();
  });
});

it('a chain that learns directions moves along them ten times as far for a gradient', () => {
  const chainOf = (lowRank: number) => {
    const chain = createChain(logDensityAndGradient, dimension, {
      key: keyOf(2),
      numWarmup: 500,
      numSamples: 200,
      adaptation: { lowRank },
    });
    const state = chain.init(normalFloat64(keyOf(3), dimension));
    let squares = 0;
    while (state.draw < 700) {
      const { position } = state.sampler;
      chain.advance(state);
      if (state.draw <= 500) continue;
      const moved = state.sampler.position.map((x, i) => x - position[i]);
      for (const direction of directions)
        squares += moved.reduce((sum, x, i) => sum + x * direction[i], 0) ** 2;
    }
    return { metric: state.adaptation.metric, pace: squares / state.gradients.sampling };
  };
  const [without, learned] = [chainOf(0), chainOf(6)];
  expect(without.metric.lowRank).toBeUndefined();
  expect(learned.metric.lowRank!.variances.filter((v) => v > 10).length).toBe(3);
  // Beside the directions all coordinates have variance 1; the variances of draws alone are 1 + 999 / 70 on average.
  const mean = learned.metric.diagonal.reduce((sum, v) => sum + Math.log(v) / dimension, 0);
  expect(Math.abs(mean)).toBeLessThan(0.25);
  expect(learned.pace).toBeGreaterThan(10 * without.pace);
});
