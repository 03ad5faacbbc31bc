import type { SamplingAlgorithm } from '@lensfield/contracts';
import { foldIn, keyOf, normalFloat64, uniformFloat64 } from '@lensfield/kernels';
import { samplingAlgorithmContract } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import {
  type AdjustedMclmcOptions,
  adjustedMclmc,
  blockMetric,
  hmc,
  nuts,
  omelyan,
  type SamplerState,
  unitMetric,
} from '../src/index.ts';
import { quarticTarget } from './support/targets.ts';

const { logDensityAndGradient } = quarticTarget;
const correlated = blockMetric(Float64Array.of(0.7, 0.3, 0.3, 1.2), new Float64Array(0));

/** MCLMC that sets out in a new direction each time: then the positions alone are in detailed balance. */
function forgetfulMclmc(options: AdjustedMclmcOptions): SamplingAlgorithm<SamplerState, unknown> {
  const { init, step } = adjustedMclmc(logDensityAndGradient, options);
  return {
    init,
    step(key, state) {
      // A fold that the step itself does not use: its refreshing noise must not depend on the direction.
      const angle = 2 * Math.PI * uniformFloat64(foldIn(key, 9), 1)[0]!;
      return step(key, { ...state, direction: Float64Array.of(Math.cos(angle), Math.sin(angle)) });
    },
  };
}

const algorithms: [string, SamplingAlgorithm<SamplerState, unknown>][] = [
  // Steps so large that many proposals are refused: with small ones a wrong acceptance would not show.
  ['HMC', hmc(logDensityAndGradient, { stepSize: 0.9, numIntegrationSteps: 3, metric: unitMetric(2) })],
  [
    'HMC, jitter, correlated metric',
    hmc(logDensityAndGradient, { stepSize: 0.9, numIntegrationSteps: 4, jitter: 0.5, metric: correlated }),
  ],
  ['NUTS', nuts(logDensityAndGradient, { stepSize: 0.9, metric: unitMetric(2) })],
  ['NUTS, correlated metric', nuts(logDensityAndGradient, { stepSize: 0.8, metric: correlated })],
  [
    'NUTS, fourth order',
    nuts(logDensityAndGradient, { stepSize: 1.4, metric: unitMetric(2), integrator: omelyan }),
  ],
  [
    'NUTS, two doublings at most',
    nuts(logDensityAndGradient, { stepSize: 0.6, metric: unitMetric(2), maxTreeDepth: 2 }),
  ],
  ['adjusted MCLMC', forgetfulMclmc({ stepSize: 1.6, metric: unitMetric(2) })],
  ['adjusted MCLMC, correlated metric', forgetfulMclmc({ stepSize: 1.6, metric: correlated })],
];

/**
 * Exact draws of exp(-x^4 / 4 - y^2 / 2 + x y / 2): y given x is N(x / 2, 1), x has density exp(-x^4 / 4 + x^2 / 8), drawn by
 * inverting its distribution function on a fine grid.
 */
function exactDraws(n: number): Float64Array[] {
  const cells = 4000;
  const edges = Float64Array.from({ length: cells + 1 }, (_, i) => -4 + (8 * i) / cells);
  const cumulative = new Float64Array(cells + 1);
  for (let i = 0; i < cells; i++) {
    const x = (edges[i] + edges[i + 1]) / 2;
    cumulative[i + 1] = cumulative[i] + Math.exp(-(x ** 4) / 4 + x ** 2 / 8);
  }
  const u = uniformFloat64(keyOf(21), n);
  const z = normalFloat64(keyOf(22), n);
  return Array.from({ length: n }, (_, i) => {
    const goal = u[i] * cumulative[cells];
    let [low, high] = [0, cells];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (cumulative[middle] <= goal) low = middle;
      else high = middle;
    }
    const share = (goal - cumulative[low]) / (cumulative[high] - cumulative[low]);
    const x = edges[low] + share * (edges[high] - edges[low]);
    return Float64Array.of(x, x / 2 + z[i]);
  });
}

/** Twelve cells of the plane: x in thirds of its range, y in quarters. */
function cellOf([x, y]: Float64Array): number {
  const column = x < -0.6 ? 0 : x < 0.6 ? 1 : 2;
  const row = y < -0.8 ? 0 : y < 0 ? 1 : y < 0.8 ? 2 : 3;
  return 4 * column + row;
}

describe.each(algorithms)('%s', (_, algorithm) => {
  it('goes from cell to cell as often as back, and keeps exact draws exact', () => {
    const n = 20_000;
    const starts = exactDraws(n);
    const flow = Array.from({ length: 12 }, () => new Array<number>(12).fill(0));
    let moved = 0;
    starts.forEach((start, i) => {
      const [end] = algorithm.step(foldIn(keyOf(23), i), algorithm.init(start));
      const [from, to] = [cellOf(start), cellOf(end.position)];
      flow[from][to]++;
      if (from !== to) moved++;
    });
    expect(moved).toBeGreaterThan(n / 4);
    for (let a = 0; a < 12; a++) {
      const outward = flow[a].reduce((sum, count) => sum + count, 0) - flow[a][a];
      const inward = flow.reduce((sum, row) => sum + row[a], 0) - flow[a][a];
      // Under detailed balance each crossing is outward with probability 1/2: the difference has variance (crossings). 5 standard
      // errors, plus 1 where counts are too small for a normal law.
      expect(Math.abs(outward - inward)).toBeLessThan(5 * Math.sqrt(outward + inward) + 1);
      for (let b = 0; b < a; b++) {
        expect(Math.abs(flow[a][b] - flow[b][a])).toBeLessThan(5 * Math.sqrt(flow[a][b] + flow[b][a]) + 1);
      }
    }
  });
});

for (const [name, algorithm] of algorithms) {
  samplingAlgorithmContract(name, algorithm, Float64Array.of(0.3, -0.2), [keyOf(1), keyOf(2)]);
}

describe('a wrong sampler', () => {
  it('is caught by the flow test: one that samples the density at twice the temperature', () => {
    const hot = hmc((position, gradient) => logDensityAndGradient(position, gradient) * 0.5, {
      stepSize: 0.9,
      numIntegrationSteps: 3,
      metric: unitMetric(2),
    });
    const starts = exactDraws(20_000);
    let difference = 0;
    let crossings = 0;
    starts.forEach((start, i) => {
      const [end] = hot.step(foldIn(keyOf(23), i), hot.init(start));
      const inner = (position: Float64Array) => Math.abs(position[0]) < 0.6;
      if (inner(start) === inner(end.position)) return;
      crossings++;
      difference += inner(start) ? 1 : -1;
    });
    expect(Math.abs(difference)).toBeGreaterThan(5 * Math.sqrt(crossings));
  });
});
