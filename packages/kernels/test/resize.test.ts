import { describe, expect, it } from 'vitest';
import {
  keyOf,
  loadEveryKernels,
  type ResizeOptions,
  resize,
  resizeGradient,
  uniform,
} from '../src/index.ts';
import { largestError } from './_largest-error.ts';

const engines = await loadEveryKernels();

const sizes: Pick<ResizeOptions, 'batch' | 'inputSize' | 'outputSize' | 'channels'>[] = [
  { batch: 2, inputSize: [3, 5], outputSize: [6, 10], channels: 4 },
  { batch: 1, inputSize: [7, 4], outputSize: [3, 9], channels: 1 },
  { batch: 3, inputSize: [1, 6], outputSize: [5, 1], channels: 19 },
  { batch: 2, inputSize: [33, 31], outputSize: [64, 62], channels: 8 },
];
const cases = sizes.flatMap((size) =>
  (['nearest', 'bilinear'] as const).flatMap((method) =>
    [{}, { alignCorners: true }, { halfPixelCentres: true }].map((flags) => ({ ...size, method, ...flags })),
  ),
);

/** Weights of one axis as a dense matrix [new, old], from TensorFlow's definition: a tent around the place, held at the border. */
function axisMatrix(size: number, newSize: number, c: ResizeOptions): number[][] {
  const step = c.alignCorners && newSize > 1 ? (size - 1) / (newSize - 1) : size / newSize;
  return Array.from({ length: newSize }, (_, i) => {
    const row = new Array<number>(size).fill(0);
    const shift = c.halfPixelCentres ? 0.5 : 0;
    if (c.method === 'nearest') {
      const at = step * (i + shift);
      row[Math.min(size - 1, Math.floor(c.alignCorners ? at + 0.5 : at))] = 1;
      return row;
    }
    const at = Math.min(size - 1, Math.max(0, step * (i + shift) - shift));
    return row.map((_zero, j) => Math.max(0, 1 - Math.abs(at - j)));
  });
}

/** out = R x C^T for each map and channel, as a list of (out, in, weight). */
function weights(c: ResizeOptions): [number, number, number][] {
  const rows = axisMatrix(c.inputSize[0], c.outputSize[0], c);
  const columns = axisMatrix(c.inputSize[1], c.outputSize[1], c);
  const result: [number, number, number][] = [];
  for (let b = 0; b < c.batch; b++)
    rows.forEach((row, r) => {
      columns.forEach((column, s) => {
        row.forEach((u, i) => {
          column.forEach((v, j) => {
            if (u * v === 0) return;
            for (let p = 0; p < c.channels; p++) {
              const out = ((b * c.outputSize[0] + r) * c.outputSize[1] + s) * c.channels + p;
              result.push([out, ((b * c.inputSize[0] + i) * c.inputSize[1] + j) * c.channels + p, u * v]);
            }
          });
        });
      });
    });
  return result;
}

describe.each(engines)('resize on $backend', (kernels) => {
  it.each(cases)('$method $inputSize to $outputSize, $alignCorners $halfPixelCentres', (c) => {
    const inputs = c.batch * c.inputSize[0] * c.inputSize[1] * c.channels;
    const outputs = c.batch * c.outputSize[0] * c.outputSize[1] * c.channels;
    const x = uniform(keyOf(1), inputs, { min: -1, max: 1 });
    const dy = uniform(keyOf(2), outputs, { min: -1, max: 1 });
    const output = new Float32Array(outputs).fill(Number.NaN);
    const gradient = new Float32Array(inputs).fill(Number.NaN);
    const expected = new Float64Array(outputs);
    const expectedGradient = new Float64Array(inputs);
    for (const [out, at, weight] of weights(c)) {
      expected[out]! += weight * x[at]!;
      expectedGradient[at]! += weight * dy[out]!;
    }
    resize(kernels, x, output, c);
    resizeGradient(kernels, dy, gradient, c);
    // Weights rounded to float32, then three roundings of numbers below one; up to 30 terms in the gradient.
    expect(largestError(output, expected)).toBeLessThan(5e-7);
    expect(largestError(gradient, expectedGradient)).toBeLessThan(4e-6);
  });

  it('refuses both flags, and a map without pixels', () => {
    const options = { ...sizes[0]!, method: 'nearest' } as const;
    const [x, y] = [new Float32Array(120), new Float32Array(480)];
    expect(() => resize(kernels, x, y, { ...options, alignCorners: true, halfPixelCentres: true })).toThrow(
      'kernels.resize: halfPixelCentres must be false with alignCorners; got true.',
    );
    expect(() => resize(kernels, x, y, { ...options, inputSize: [0, 5] })).toThrow(
      'kernels.resize: sizes must be at least 1; got 0,5 to 6,10.',
    );
  });
});
