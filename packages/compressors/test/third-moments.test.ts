import { keyOf, loadKernels, normal } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { bandPowers, mapStatistics, thirdMoments } from '../src/index.ts';
import { filtered } from './_direct-filter.ts';

const kernels = await loadKernels();
const SIZE = 16;
const geometry = { kernels, mapSize: SIZE, numBins: 2 };

const map = normal(keyOf(1), SIZE ** 2 * 2).map((z) => Math.exp(0.5 * z));

describe.each([1, 2])('at scale %s', (scale) => {
  test('are means over directly filtered pixels', () => {
    const statistic = mapStatistics(geometry, thirdMoments({ scales: [[scale, scale]] }));
    expect(statistic.numFeatures).toBe(4);
    const planes = [0, 1].map((bin) => filtered(map, { size: SIZE, numBins: 2, bin, scale }));
    const mean = (f: (pixel: number) => number) =>
      planes[0]!.reduce((sum, _, pixel) => sum + f(pixel) / planes[0]!.length, 0);
    const sd = planes.map((plane) => Math.sqrt(mean((pixel) => plane[pixel]! ** 2)));
    const triples = [
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 1],
      [1, 1, 1],
    ] as const;
    const values = statistic.features(map, 1);
    triples.forEach(([i, j, k], t) => {
      const expected =
        mean((pixel) => planes[i]![pixel]! * planes[j]![pixel]! * planes[k]![pixel]!) /
        (sd[i]! * sd[j]! * sd[k]!);
      // At scale 2 the modes beyond the coarser grid, at most 0.7 % of their amplitude, are left out: they move a skewness
      // of order 0.1 in the third digit. At scale 1 nothing is.
      expect(Math.abs(values[t]! - expected)).toBeLessThan(scale === 1 ? 1e-5 : 1e-2);
    });
  });
});

test('are zero within their noise for Gaussian maps, and not for log-normal ones', () => {
  const { features } = mapStatistics(
    { kernels, mapSize: 64, numBins: 1 },
    thirdMoments({ scales: [[1, 1]] }),
  );
  const z = normal(keyOf(2), 64 ** 2);
  // The mean of x^3 over 4096 pixels of which a few are independent: sqrt(15 / 1000) at most.
  expect(Math.abs(features(z, 1)[0]!)).toBeLessThan(5 * 0.12);
  expect(
    features(
      z.map((v) => Math.exp(1.5 * v)),
      1,
    )[0]!,
  ).toBeGreaterThan(1);
});

test('across scales are means over directly filtered pixels, the short scale twice and the long one once', () => {
  const statistic = mapStatistics(geometry, thirdMoments({ scales: [[1, 2]] }));
  expect(statistic.numFeatures).toBe(6);
  const planes = (scale: number) =>
    [0, 1].map((bin) => filtered(map, { size: SIZE, numBins: 2, bin, scale, step: 1 }));
  const [x, y] = [planes(1), planes(2)];
  const mean = (f: (pixel: number) => number) =>
    x[0]!.reduce((sum, _, pixel) => sum + f(pixel) / x[0]!.length, 0);
  const sd = (plane: number[]) => Math.sqrt(mean((pixel) => plane[pixel]! ** 2));
  const values = statistic.features(map, 1);
  let at = 0;
  for (const [i, j] of [
    [0, 0],
    [0, 1],
    [1, 1],
  ] as const) {
    for (const k of [0, 1] as const) {
      const product = mean((pixel) => x[i]![pixel]! * x[j]![pixel]! * y[k]![pixel]!);
      expect(values[at++]).toBeCloseTo(product / (sd(x[i]!) * sd(x[j]!) * sd(y[k]!)), 5);
    }
  }
});

test('across scales see power that follows large structures, where one scale alone sees little', () => {
  const size = 64;
  const slow = Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * 3 * i) / size));
  const white = normal(keyOf(2), size ** 2);
  const modulated = white.map((z, i) => z * (1 + 0.5 * slow[i % size]!) + 0.5 * slow[i % size]!);
  const one = { kernels, mapSize: size, numBins: 1 };
  const { features } = mapStatistics(one, thirdMoments({ scales: [[1, 4]] }));
  // 64^2 pixels, a few hundred of them independent: a scatter below 0.05 without modulation.
  expect(Math.abs(features(white, 1)[0]!)).toBeLessThan(0.15);
  expect(features(modulated, 1)[0]!).toBeGreaterThan(0.2);
});

test('pairs with the same short scale give what each gives alone, in the order asked for', () => {
  const of = (...scales: [number, number][]) =>
    mapStatistics(geometry, thirdMoments({ scales })).features(map, 1);
  const together = of([1, 2], [2, 2], [1, 1]);
  expect([...together]).toEqual([...of([1, 2]), ...of([2, 2]), ...of([1, 1])]);
});

test('several statistics stand side by side', () => {
  const moments = mapStatistics(geometry, thirdMoments());
  const powers = mapStatistics(geometry, bandPowers({ numBands: 3 }));
  const both = mapStatistics(geometry, bandPowers({ numBands: 3 }), thirdMoments());
  expect(both.numFeatures).toBe(9 + 4);
  const maps = normal(keyOf(3), 3 * SIZE ** 2 * 2);
  const values = both.features(maps, 3);
  expect([...values.subarray(13, 22)]).toEqual([...powers.features(maps, 3).subarray(9, 18)]);
  expect([...values.subarray(22, 26)]).toEqual([...moments.features(maps, 3).subarray(4, 8)]);
  expect(() => mapStatistics(geometry)).toThrow('statistics must hold at least one');
});

test('pairs that do not suit are refused, and left out of the default', () => {
  const of = (pair: [number, number]) => () => thirdMoments({ scales: [pair] })({ ...geometry, mapSize: 48 });
  expect(of([3, 3])).toThrow('that divide mapSize 48 into at least 8; got [3, 3]');
  expect(of([1, 8])).toThrow('got [1, 8]');
  expect(of([4, 1])).toThrow('the longer one last');
  expect(of([1, 4])).not.toThrow();
  expect(thirdMoments()({ ...geometry, mapSize: 32 }).numFeatures).toBe(4 + 6);
});
