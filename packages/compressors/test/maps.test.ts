import { keyOf, normal } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { averagePool, mapsInMemory, noisyBatches, quantisedMaps } from '../src/index.ts';
import { squareSymmetries } from '../src/maps/augmentation.ts';

const shape = [4, 4, 2] as const;
const data = normal(keyOf(1), 3 * 32);

test('maps in memory are read where they lie', () => {
  const maps = mapsInMemory(data, shape);
  expect(maps.numMaps).toBe(3);
  const out = new Float32Array(40);
  maps.read(2, out, 8);
  expect([...out.subarray(8)]).toEqual([...data.subarray(64)]);
  expect(() => mapsInMemory(data.subarray(1), shape)).toThrow('whole maps of 4 x 4 x 2; got 95 values');
});

describe('quantised maps', () => {
  test('keep each value within half a step of its bin', () => {
    const maps = quantisedMaps(3, shape);
    const scaled = data.map((value, i) => (i % 2 === 0 ? value : 1e-3 * value));
    for (let i = 0; i < 3; i++) maps.write(i, scaled.subarray(32 * i, 32 * i + 32));
    const out = new Float32Array(32);
    for (let i = 0; i < 3; i++) {
      maps.read(i, out, 0);
      const own = scaled.subarray(32 * i, 32 * i + 32);
      for (let bin = 0; bin < 2; bin++) {
        const largest = Math.max(...own.filter((_, k) => k % 2 === bin).map(Math.abs));
        for (let k = bin; k < 32; k += 2) {
          // Half a step, and float32 rounding of the product.
          expect(Math.abs(out[k]! - own[k]!)).toBeLessThan((0.5 / 32767 + 2e-7) * largest);
        }
      }
    }
  });

  test('a map never written is zero, and so is a map of zeros', () => {
    const maps = quantisedMaps(2, shape);
    maps.write(1, new Float32Array(32));
    const out = new Float32Array(32).fill(7);
    maps.read(0, out, 0);
    expect(out.every((value) => value === 0)).toBe(true);
    maps.read(1, out, 0);
    expect(out.every((value) => value === 0)).toBe(true);
  });

  test('refuse a map that is not finite, of the wrong size or out of place', () => {
    const maps = quantisedMaps(2, shape);
    expect(() => maps.write(0, new Float32Array(32).fill(Number.NaN))).toThrow('map must be finite; got NaN');
    expect(() => maps.write(0, new Float32Array(31))).toThrow('map must have 32 values; got 31');
    expect(() => maps.write(2, new Float32Array(32))).toThrow('index must be in [0, 2); got 2');
  });
});

test('average pooling takes means of squares, bin by bin', () => {
  const map = Float32Array.from({ length: 32 }, (_, i) => i);
  // Pixels of the first square: 0, 1, 4, 5 in both bins, whose values are 2 p and 2 p + 1.
  const pooled = averagePool(map, shape, 2);
  expect([...pooled.subarray(0, 2)]).toEqual([5, 6]);
  expect(pooled).toHaveLength(8);
  expect(() => averagePool(map, shape, 3)).toThrow('factor must divide 4 and 4; got 3');
});

test('the symmetries are eight different rearrangements that form a group', () => {
  const orders = squareSymmetries(4);
  const names = new Set(orders.map((order) => order.join()));
  expect(names.size).toBe(8);
  for (const a of orders) {
    expect(new Set(a).size).toBe(16);
    for (const b of orders) expect(names.has(a.map((place) => b[place]!).join())).toBe(true);
  }
});

describe('noisy batches', () => {
  const maps = mapsInMemory(data, shape);

  test('repeat with their key and differ between keys', () => {
    const batches = noisyBatches(maps, { noiseSd: [0.1, 0.2] });
    const first = batches.draw([0, 2], keyOf(5));
    expect(batches.draw([0, 2], keyOf(5))).toEqual(first);
    expect(batches.draw([0, 2], keyOf(6))).not.toEqual(first);
  });

  test('have noise of the given sd in each bin', () => {
    const flat = mapsInMemory(new Float32Array(32 * 200), shape);
    const rows = Array.from({ length: 200 }, (_, i) => i);
    const noisy = noisyBatches(flat, { noiseSd: [0.1, 3] }).draw(rows, keyOf(5));
    [0.1, 3].forEach((sd, bin) => {
      const values = noisy.filter((_, i) => i % 2 === bin);
      const measured = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      // Five standard errors of an sd from 3200 normals.
      expect(Math.abs(measured / sd - 1)).toBeLessThan(5 / Math.sqrt(2 * 3200));
    });
  });

  test('without noise are the maps, each turned or mirrored as a whole', () => {
    const batches = noisyBatches(maps, { noiseSd: [0, 0] });
    const turned = batches.draw([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], keyOf(2));
    const original = data.subarray(32, 64);
    const orders = squareSymmetries(4);
    const seen = new Set<number>();
    for (let i = 0; i < 12; i++) {
      const map = turned.subarray(32 * i, 32 * i + 32);
      const symmetry = orders.findIndex((order) =>
        map.every((value, k) => value === original[2 * order[k >> 1]! + (k & 1)]),
      );
      expect(symmetry).toBeGreaterThanOrEqual(0);
      seen.add(symmetry);
    }
    expect(seen.size).toBeGreaterThan(3);
    const still = noisyBatches(maps, { noiseSd: [0, 0], symmetries: false }).draw([1], keyOf(2));
    expect([...still]).toEqual([...original]);
  });
});
