import { describe, expect, it } from 'vitest';
import {
  type ConvolutionOptions,
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
  keyOf,
  loadEveryKernels,
  splitKey,
  uniform,
  windowGeometry,
} from '../src/index.ts';

const engines = await loadEveryKernels();

type Case = Required<ConvolutionOptions>;

function convCase(
  inputSize: [number, number],
  channels: [number, number],
  filterSize: [number, number],
  strides: [number, number],
  padding: 'same' | 'valid',
  batch = 2,
): Case {
  return {
    batch,
    inputSize,
    inputChannels: channels[0],
    outputChannels: channels[1],
    filterSize,
    strides,
    padding,
  };
}

const cases: Case[] = [
  convCase([7, 9], [3, 5], [3, 3], [1, 1], 'same'),
  convCase([8, 6], [1, 1], [5, 5], [2, 2], 'same'),
  convCase([9, 11], [2, 17], [3, 2], [2, 3], 'valid'),
  convCase([6, 6], [4, 8], [1, 1], [1, 1], 'same'),
  convCase([10, 10], [3, 4], [2, 2], [3, 3], 'same'),
  convCase([5, 8], [2, 33], [4, 4], [1, 2], 'same', 1),
  convCase([64, 48], [5, 16], [5, 5], [2, 2], 'same', 3),
  convCase([3, 4], [2, 2], [3, 4], [1, 1], 'valid'),
  // Maps wide enough for the direct sums of every tile size, and one that most taps miss.
  convCase([15, 26], [2, 17], [3, 2], [2, 3], 'valid'),
  convCase([13, 13], [4, 8], [1, 1], [1, 1], 'same'),
  convCase([20, 20], [3, 4], [2, 2], [3, 3], 'same'),
  convCase([1, 1], [3, 5], [3, 3], [1, 1], 'same'),
];

interface Arrays {
  readonly x: Float32Array;
  readonly filter: Float32Array;
  readonly dy: Float32Array;
}

function arraysOf(c: Case): Arrays {
  const [rows, columns] = windowGeometry(c.inputSize, c.filterSize, c.strides, c.padding).outputSize;
  const [keyX, keyFilter, keyY] = splitKey(keyOf(5), 3);
  const range = { min: -1, max: 1 };
  return {
    x: uniform(keyX!, c.batch * c.inputSize[0] * c.inputSize[1] * c.inputChannels, range),
    filter: uniform(
      keyFilter!,
      c.filterSize[0] * c.filterSize[1] * c.inputChannels * c.outputChannels,
      range,
    ),
    dy: uniform(keyY!, c.batch * rows * columns * c.outputChannels, range),
  };
}

/** Calls `visit` with the flat indices of each product x * filter of each output. */
function forEachProduct(c: Case, visit: (x: number, filter: number, output: number) => void): void {
  const { outputSize, padding } = windowGeometry(c.inputSize, c.filterSize, c.strides, c.padding);
  let output = 0;
  for (let b = 0; b < c.batch; b++)
    for (let r = 0; r < outputSize[0]; r++)
      for (let s = 0; s < outputSize[1]; s++)
        for (let o = 0; o < c.outputChannels; o++, output++)
          for (let i = 0; i < c.filterSize[0]; i++)
            for (let j = 0; j < c.filterSize[1]; j++) {
              const row = r * c.strides[0] - padding[0] + i;
              const column = s * c.strides[1] - padding[1] + j;
              if (row < 0 || row >= c.inputSize[0] || column < 0 || column >= c.inputSize[1]) continue;
              for (let p = 0; p < c.inputChannels; p++) {
                visit(
                  ((b * c.inputSize[0] + row) * c.inputSize[1] + column) * c.inputChannels + p,
                  ((i * c.filterSize[1] + j) * c.inputChannels + p) * c.outputChannels + o,
                  output,
                );
              }
            }
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

describe.each(engines)('convolution on $backend', (kernels) => {
  it.each(cases)('equals direct float64 sums: $inputSize, $filterSize, $strides, $padding', (c) => {
    const { x, filter, dy } = arraysOf(c);
    const y = new Float64Array(dy.length);
    const dx = new Float64Array(x.length);
    const dfilter = new Float64Array(filter.length);
    forEachProduct(c, (i, f, o) => {
      y[o]! += x[i]! * filter[f]!;
      dx[i]! += dy[o]! * filter[f]!;
      dfilter[f]! += dy[o]! * x[i]!;
    });
    // Outputs start as NaN, so that one left unwritten shows.
    const output = new Float32Array(dy.length).fill(Number.NaN);
    conv2d(kernels, x, filter, output, c);
    // Sums of at most 400 terms below one.
    expect(largestDifference(output, y)).toBeLessThan(1e-5);
    const inputGradient = new Float32Array(x.length).fill(Number.NaN);
    conv2dInputGradient(kernels, dy, filter, inputGradient, c);
    expect(largestDifference(inputGradient, dx)).toBeLessThan(1e-5);
    const filterGradient = new Float32Array(filter.length).fill(Number.NaN);
    conv2dFilterGradient(kernels, x, dy, filterGradient, c);
    // Sums of at most 2304 terms below one, partial sums of about 16.
    expect(largestDifference(filterGradient, dfilter)).toBeLessThan(1e-4);
  });

  it('carries a NaN to the outputs that see it, and to no other', () => {
    const c = convCase([6, 6], [1, 1], [3, 3], [1, 1], 'same', 1);
    const x = new Float32Array(36);
    x[0] = Number.NaN;
    const output = new Float32Array(36);
    conv2d(kernels, x, new Float32Array(9).fill(1), output, c);
    const nans = [...output.keys()].filter((i) => Number.isNaN(output[i]));
    expect(nans).toEqual([0, 1, 6, 7]);
  });

  it('refuses a filter that is larger than the map', () => {
    const c = convCase([2, 2], [1, 1], [3, 3], [1, 1], 'valid', 1);
    const none = new Float32Array(0);
    expect(() => conv2d(kernels, none, none, none, c)).toThrow('filterSize must not exceed the map');
  });
});

describe('threads', () => {
  it.each([
    convCase([64, 64], [5, 16], [5, 5], [2, 2], 'same', 8),
    convCase([4, 4], [48, 64], [3, 3], [1, 1], 'same', 32),
  ])('leave every bit as it is: $inputSize', async (c) => {
    const { loadKernels, isLensfieldError } = await import('../src/index.ts');
    const { x, filter, dy } = arraysOf(c);
    const results = [];
    for (const threads of [1, 2, 3]) {
      const kernels = await loadKernels({ backend: 'native', threads }).catch((error) => {
        if (isLensfieldError(error, 'UNSUPPORTED')) return undefined;
        throw error;
      });
      if (!kernels) return;
      const output = new Float32Array(dy.length);
      const gradient = new Float32Array(filter.length);
      conv2d(kernels, x, filter, output, c);
      const inputGradient = new Float32Array(x.length);
      conv2dFilterGradient(kernels, x, dy, gradient, c);
      conv2dInputGradient(kernels, dy, filter, inputGradient, c);
      results.push([output, gradient, inputGradient]);
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
