import { expect, test } from 'vitest';
import type { ExplicitResult } from '../src/recipes/explicit.ts';
import { sampleStats } from '../src/results/posterior-netcdf.ts';

/** A chain whose statistics are 0, 1, ... plus an offset that names each, but for the flag, which is set at odd draws. */
function chainOf(length: number, offset: number) {
  const from = (start: number) => Float64Array.from({ length }, (_, i) => start + offset + i);
  return {
    statistics: {
      logDensity: from(-1000),
      acceptanceRate: from(0.5),
      stepSize: from(0.25),
      treeDepth: from(2),
      numIntegrationSteps: from(7),
      reachedMaxTreeDepth: from(0).fill(0),
      isDivergent: from(0).map((_, i) => i % 2),
      energy: from(1000),
      energyError: from(0.125),
    },
  };
}

test('sample_stats have the names and types of ArviZ, and the draws of the posterior', () => {
  const chains = { shape: [2, 3, 1], data: new Float64Array(6) };
  const sampling = { chains: [chainOf(3, 0), chainOf(5, 10)] };
  const stats = sampleStats({ chains, sampling } as unknown as ExplicitResult);
  const values = Object.fromEntries(
    Object.entries(stats).map(([name, { data }]) => [name, Array.from(data)]),
  );
  expect(values).toEqual({
    lp: [-1000, -999, -998, -990, -989, -988],
    acceptance_rate: [0.5, 1.5, 2.5, 10.5, 11.5, 12.5],
    step_size: [0.25, 1.25, 2.25, 10.25, 11.25, 12.25],
    tree_depth: [2, 3, 4, 12, 13, 14],
    n_steps: [7, 8, 9, 17, 18, 19],
    reached_max_treedepth: [0, 0, 0, 0, 0, 0],
    diverging: [0, 1, 0, 0, 1, 0],
    energy: [1000, 1001, 1002, 1010, 1011, 1012],
    energy_error: [0.125, 1.125, 2.125, 10.125, 11.125, 12.125],
  });
  expect(stats.diverging).toMatchObject({ dimensions: ['chain', 'draw'], attributes: { dtype: 'bool' } });
  expect(stats.diverging!.data).toBeInstanceOf(Int8Array);
  expect(stats.n_steps!.data).toBeInstanceOf(Int32Array);
});
