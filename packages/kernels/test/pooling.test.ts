import { describe, expect, it } from 'vitest';
import {
  keyOf,
  loadEveryKernels,
  maxPool,
  maxPoolGradient,
  maxPoolSelect,
  meanPool,
  meanPoolGradient,
  type PoolingOptions,
  uniform,
  windowGeometry,
} from '../src/index.ts';

const engines = await loadEveryKernels();

const cases: Required<PoolingOptions>[] = [
  { batch: 2, inputSize: [6, 8], channels: 3, windowSize: [2, 2], strides: [2, 2], padding: 'valid' },
  { batch: 1, inputSize: [7, 5], channels: 17, windowSize: [3, 2], strides: [2, 1], padding: 'same' },
  { batch: 3, inputSize: [40, 40], channels: 8, windowSize: [2, 3], strides: [2, 2], padding: 'same' },
];

/** Indices into x of each window, in row-major order. */
function windows(c: Required<PoolingOptions>): number[][] {
  const { outputSize, padding } = windowGeometry(c.inputSize, c.windowSize, c.strides, c.padding);
  const result: number[][] = [];
  for (let b = 0; b < c.batch; b++)
    for (let r = 0; r < outputSize[0]; r++)
      for (let s = 0; s < outputSize[1]; s++)
        for (let p = 0; p < c.channels; p++) {
          const inside: number[] = [];
          for (let i = 0; i < c.windowSize[0]; i++)
            for (let j = 0; j < c.windowSize[1]; j++) {
              const row = r * c.strides[0] - padding[0] + i;
              const column = s * c.strides[1] - padding[1] + j;
              if (row < 0 || row >= c.inputSize[0] || column < 0 || column >= c.inputSize[1]) continue;
              inside.push(((b * c.inputSize[0] + row) * c.inputSize[1] + column) * c.channels + p);
            }
          result.push(inside);
        }
  return result;
}

describe.each(engines)('pools on $backend', (kernels) => {
  it.each(cases)('of $windowSize by $strides, $padding', (c) => {
    const size = c.batch * c.inputSize[0] * c.inputSize[1] * c.channels;
    const x = uniform(keyOf(6), size, { min: -1, max: 1 });
    const inside = windows(c);
    const dy = uniform(keyOf(7), inside.length, { min: -1, max: 1 });
    const places = inside.map((w) => w.reduce((a, b) => (x[b]! > x[a]! ? b : a)));
    const output = new Float32Array(inside.length);

    maxPool(kernels, x, output, c);
    expect([...output]).toEqual(places.map((place) => x[place]));
    maxPoolSelect(kernels, Float32Array.from(x.keys()), x, output, c);
    expect([...output]).toEqual(places);
    meanPool(kernels, x, output, c);
    inside.forEach((w, i) => {
      expect(output[i]).toBeCloseTo(w.reduce((sum, at) => sum + x[at]!, 0) / w.length, 6);
    });

    const gradient = new Float32Array(size).fill(Number.NaN);
    const expected = new Float64Array(size);
    maxPoolGradient(kernels, dy, x, gradient, c);
    places.forEach((place, i) => {
      expected[place]! += dy[i]!;
    });
    gradient.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
    });
    meanPoolGradient(kernels, dy, gradient, c);
    expected.fill(0);
    inside.forEach((w, i) => {
      for (const at of w) expected[at]! += dy[i]! / w.length;
    });
    gradient.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6);
    });
  });
});
