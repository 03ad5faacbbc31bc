import { expect, it } from 'vitest';
import { energyFractions } from '../../src/report/energy-fraction.ts';

it('is small for a slow walk, chain by chain', () => {
  // A walk by +1 over n draws: n - 1 changes of one, squared deviations that sum to n (n^2 - 1) / 12.
  const walk = Float64Array.from({ length: 1000 }, (_, t) => t);
  const [first, second] = energyFractions({
    shape: [2, 1000],
    data: Float64Array.from([...walk, ...walk.map((e) => 5 * e)]),
  });
  expect(first).toBeCloseTo(999 / ((1000 * (1000 ** 2 - 1)) / 12), 12);
  expect(second).toBeCloseTo(first, 12);
});

it('matches a value worked out by hand', () => {
  // Mean 2; squared deviations 1, 1, 1, 1; squared changes 4, 0, 4.
  expect(energyFractions({ shape: [1, 4], data: Float32Array.of(1, 3, 3, 1) })).toEqual([2]);
});
