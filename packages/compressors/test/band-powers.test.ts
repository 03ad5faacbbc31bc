import { keyOf, loadKernels, normal } from '@lensfield/kernels';
import { expect, test } from 'vitest';
import { bandPowers, mapStatistics } from '../src/index.ts';

const kernels = await loadKernels();
const SIZE = 10;

/** Power of two planes at one mode by a direct sum, real part of F conj(G). */
function directPower(map: Float32Array, first: number, second: number, kx: number, ky: number): number {
  const sums = [first, second].map((bin) => {
    let [re, im] = [0, 0];
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        const phase = (-2 * Math.PI * (kx * column + ky * row)) / SIZE;
        const value = map[(row * SIZE + column) * 2 + bin]!;
        re += value * Math.cos(phase);
        im += value * Math.sin(phase);
      }
    }
    return [re, im] as const;
  });
  return sums[0]![0] * sums[1]![0] + sums[0]![1] * sums[1]![1];
}

test('are the means of direct Fourier sums over annuli', () => {
  const geometry = { kernels, mapSize: SIZE, numBins: 2 };
  const { features, numFeatures } = mapStatistics(geometry, bandPowers({ numBands: 3 }));
  const { edges } = bandPowers({ numBands: 3 })(geometry);
  expect(numFeatures).toBe(9);
  const maps = normal(keyOf(1), 2 * SIZE ** 2 * 2);
  const values = features(maps, 2);
  const map = maps.subarray(SIZE ** 2 * 2);
  for (let band = 0; band < 3; band++) {
    const mean = (first: number, second: number) => {
      let [sum, count] = [0, 0];
      for (let ky = -SIZE / 2 + 1; ky <= SIZE / 2; ky++) {
        for (let kx = -SIZE / 2 + 1; kx <= SIZE / 2; kx++) {
          const k = Math.hypot(kx, ky);
          if (k < edges[band]! || k >= edges[band + 1]!) continue;
          sum += directPower(map, first, second, kx, ky);
          count++;
        }
      }
      return sum / count;
    };
    const [p00, p01, p11] = [mean(0, 0), mean(0, 1), mean(1, 1)];
    expect(values[9 + band]).toBeCloseTo(Math.log(p00), 5);
    expect(values[9 + 3 + band]).toBeCloseTo(p01 / Math.sqrt(p00 * p11), 5);
    expect(values[9 + 6 + band]).toBeCloseTo(Math.log(p11), 5);
  }
});

test('turning a map changes nothing', () => {
  const { features } = mapStatistics({ kernels, mapSize: SIZE, numBins: 1 }, bandPowers({ numBands: 4 }));
  const map = normal(keyOf(2), SIZE ** 2);
  const turned = map.map((_, i) => map[(i % SIZE) * SIZE + (SIZE - 1 - Math.floor(i / SIZE))]!);
  features(turned, 1).forEach((value, i) => {
    expect(value).toBeCloseTo(features(map, 1)[i]!, 5);
  });
});

test('no band is empty, however many are asked for', () => {
  for (const numBands of [1, 4, 7, 12, 31]) {
    const geometry = { kernels, mapSize: 64, numBins: 1 };
    const { features } = mapStatistics(geometry, bandPowers({ numBands }));
    const { edges } = bandPowers({ numBands })(geometry);
    expect(edges).toHaveLength(numBands + 1);
    expect(features(normal(keyOf(3), 64 ** 2), 1).every(Number.isFinite)).toBe(true);
  }
});

test('sizes that do not suit are refused', () => {
  expect(() => bandPowers({ numBands: 5 })({ kernels, mapSize: 10, numBins: 1 })).toThrow(
    'numBands must be a whole number from 1 to 4; got 5',
  );
});
