import { keyOf, loadKernels, normal } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { bandPowers, mapStatistics, thirdMoments } from '../src/index.ts';

const kernels = await loadKernels();
const SIZE = 16;
const geometry = { kernels, mapSize: SIZE, numBins: 2 };

/** The filtered plane on every `scale`-th pixel, by a direct convolution with the periodic kernel. */
function filtered(map: Float32Array, numBins: number, bin: number, scale: number): number[] {
  const kernelOf = (dx: number, dy: number) => {
    let sum = 0;
    for (let ky = -SIZE / 2; ky < SIZE / 2; ky++) {
      for (let kx = -SIZE / 2; kx < SIZE / 2; kx++) {
        const k2 = ((2 * Math.PI * scale) / SIZE) ** 2 * (kx * kx + ky * ky);
        const phase = (2 * Math.PI * (kx * dx + ky * dy)) / SIZE;
        sum += (Math.exp(-k2 / 2) - Math.exp(-2 * k2)) * Math.cos(phase);
      }
    }
    return sum / SIZE ** 2;
  };
  const kernel = Array.from({ length: SIZE ** 2 }, (_, i) => kernelOf(i % SIZE, Math.floor(i / SIZE)));
  const values: number[] = [];
  for (let row = 0; row < SIZE; row += scale) {
    for (let column = 0; column < SIZE; column += scale) {
      let sum = 0;
      for (let r = 0; r < SIZE; r++) {
        for (let c = 0; c < SIZE; c++) {
          const dy = (row - r + SIZE) % SIZE;
          const dx = (column - c + SIZE) % SIZE;
          sum += kernel[dy * SIZE + dx]! * map[(r * SIZE + c) * numBins + bin]!;
        }
      }
      values.push(sum);
    }
  }
  return values;
}

const map = normal(keyOf(1), SIZE ** 2 * 2).map((z) => Math.exp(0.5 * z));

describe.each([1, 2])('at scale %s', (scale) => {
  test('are means over directly filtered pixels', () => {
    const statistic = mapStatistics(geometry, thirdMoments({ scales: [scale] }));
    expect(statistic.numFeatures).toBe(4);
    const planes = [filtered(map, 2, 0, scale), filtered(map, 2, 1, scale)];
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
  const { features } = mapStatistics({ kernels, mapSize: 64, numBins: 1 }, thirdMoments({ scales: [1] }));
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

test('several statistics stand side by side', () => {
  const moments = mapStatistics(geometry, thirdMoments());
  const powers = mapStatistics(geometry, bandPowers({ numBands: 3 }));
  const both = mapStatistics(geometry, bandPowers({ numBands: 3 }), thirdMoments());
  expect(both.numFeatures).toBe(9 + 8);
  const maps = normal(keyOf(3), 3 * SIZE ** 2 * 2);
  const values = both.features(maps, 3);
  expect([...values.subarray(17, 26)]).toEqual([...powers.features(maps, 3).subarray(9, 18)]);
  expect([...values.subarray(26, 34)]).toEqual([...moments.features(maps, 3).subarray(8, 16)]);
  expect(() => mapStatistics(geometry)).toThrow('statistics must hold at least one');
});

test('scales that do not suit are refused', () => {
  const of = (scale: number) => () => thirdMoments({ scales: [scale] })({ kernels, mapSize: 48, numBins: 1 });
  expect(of(3)).toThrow('powers of two that divide mapSize 48 into at least 8; got 3');
  expect(of(8)).toThrow('got 8');
  expect(of(4)).not.toThrow();
});
