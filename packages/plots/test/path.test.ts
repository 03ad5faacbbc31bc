import { expect, it } from 'vitest';
import { pathThrough, thinnedSeries } from '../src/path.ts';

it('breaks a line at points that are not finite', () => {
  expect(pathThrough([0, 1, 2, Number.NaN, 4, 5, 6, 7])).toBe('M0,1M4,5L6,7');
});

it('keeps a short series whole', () => {
  expect(thinnedSeries([3, 1, 2], 10)).toEqual({ indices: [0, 1, 2], values: [3, 1, 2] });
});

it('keeps the spikes of a long series', () => {
  const values = new Float64Array(100_000);
  values[54_321] = 9;
  values[77_777] = -9;
  const thinned = thinnedSeries(values, 100);
  expect(thinned.values.length).toBeLessThanOrEqual(200);
  expect(thinned.indices).toContain(54_321);
  expect(thinned.indices).toContain(77_777);
  expect(thinned.indices).toEqual([...thinned.indices].sort((a, b) => a - b));
});
