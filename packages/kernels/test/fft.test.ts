import { describe, expect, it } from 'vitest';
import {
  type FftShape,
  InvalidArgumentError,
  irfft2,
  irfft2Adjoint,
  keyOf,
  loadEveryKernels,
  loadKernels,
  nearestFftSizes,
  normal,
  rfft2,
  rfft2Adjoint,
  rfft2Beside,
  UnsupportedError,
} from '../src/index.ts';

const engines = await loadEveryKernels({ memoryMiB: 256 });

const SIZES: [number, number][] = [
  [1, 1], [1, 8], [8, 1], [2, 2], [3, 5], [5, 3], [5, 5], [6, 6], [12, 10], [15, 15], [20, 20], [25, 27], [9, 40], [60, 60],
  [64, 64], [75, 75], [128, 64], [48, 125], [17 - 1, 96],
  [256, 16], [6, 512], [3, 768],
]; // biome-ignore format: a table

const halfOf = (columns: number) => Math.floor(columns / 2) + 1;

/** One axis in float64 by the definition. */
function slowAxis(
  re: Float64Array,
  im: Float64Array,
  rows: number,
  columns: number,
): [Float64Array, Float64Array] {
  const outRe = new Float64Array(re.length);
  const outIm = new Float64Array(re.length);
  const cosine = Float64Array.from({ length: columns }, (_, j) => Math.cos((2 * Math.PI * j) / columns));
  const sine = Float64Array.from({ length: columns }, (_, j) => Math.sin((2 * Math.PI * j) / columns));
  for (let m = 0; m < rows; m++)
    for (let l = 0; l < columns; l++)
      for (let n = 0; n < columns; n++) {
        const c = cosine[(l * n) % columns]!;
        const s = sine[(l * n) % columns]!;
        const from = m * columns + n;
        outRe[m * columns + l]! += re[from]! * c + im[from]! * s;
        outIm[m * columns + l]! += im[from]! * c - re[from]! * s;
      }
  return [outRe, outIm];
}

function transposed(x: Float64Array, rows: number, columns: number): Float64Array {
  return x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** The half plane of one real field, float64, by the definition. */
function slowRfft2(field: Float32Array, rows: number, columns: number): Float64Array {
  const [re, im] = slowAxis(Float64Array.from(field), new Float64Array(field.length), rows, columns);
  const [tRe, tIm] = slowAxis(transposed(re, rows, columns), transposed(im, rows, columns), columns, rows);
  const half = halfOf(columns);
  const out = new Float64Array(rows * half * 2);
  for (let k = 0; k < rows; k++)
    for (let l = 0; l < half; l++) {
      out[2 * (k * half + l)] = tRe[l * rows + k]!;
      out[2 * (k * half + l) + 1] = tIm[l * rows + k]!;
    }
  return out;
}

const largest = (x: ArrayLike<number>) => Array.from(x).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
const largestDifference = (x: ArrayLike<number>, y: ArrayLike<number>) =>
  largest(Array.from(x, (v, i) => v - y[i]!));
const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
const norm = (x: Float32Array) => Math.sqrt(dot(x, x));

describe.each(engines)('fft on $backend', (kernels) => {
  describe.each(SIZES)('%i x %i', (rows, columns) => {
    const shape: FftShape = { batch: 3, rows, columns };
    const realLength = 3 * rows * columns;
    const complexLength = 3 * rows * halfOf(columns) * 2;

    it('agrees with the sum in float64', () => {
      const x = normal(keyOf(1), realLength);
      const output = new Float32Array(complexLength);
      rfft2(kernels, x, output, shape);
      for (let field = 0; field < 3; field++) {
        const truth = slowRfft2(
          x.subarray(field * rows * columns, (field + 1) * rows * columns),
          rows,
          columns,
        );
        const ours = output.subarray((field * complexLength) / 3, ((field + 1) * complexLength) / 3);
        /* Errors of float32 butterflies grow like the root of the number of passes: a few 1e-7. */
        expect(largestDifference(ours, truth)).toBeLessThan(5e-7 * largest(truth));
      }
    });

    it('comes back', () => {
      const x = normal(keyOf(2), realLength);
      const middle = new Float32Array(complexLength);
      const back = new Float32Array(realLength);
      rfft2(kernels, x, middle, shape);
      irfft2(kernels, middle, back, shape);
      expect(largestDifference(back, x)).toBeLessThan(1e-6 * largest(x));
    });

    it('has adjoints: <A x, y> = <x, A* y> for both directions', () => {
      const x = normal(keyOf(3), realLength);
      const y = normal(keyOf(4), complexLength);
      const ax = new Float32Array(complexLength);
      const aty = new Float32Array(realLength);
      rfft2(kernels, x, ax, shape);
      rfft2Adjoint(kernels, y, aty, shape);
      expect(Math.abs(dot(ax, y) - dot(x, aty))).toBeLessThan(1e-6 * norm(ax) * norm(y));
      irfft2(kernels, y, aty, shape);
      irfft2Adjoint(kernels, x, ax, shape);
      expect(Math.abs(dot(aty, x) - dot(y, ax))).toBeLessThan(1e-6 * norm(aty) * norm(x));
    });
  });

  it('gives the same bytes for arrays in and outside the engine, and in batches of any size', () => {
    const shape = { batch: 4, rows: 60, columns: 36 };
    const x = kernels.float32(4 * 60 * 36);
    x.set(normal(keyOf(5), x.length));
    const inside = kernels.float32(4 * 60 * 19 * 2);
    const outside = new Float32Array(inside.length);
    rfft2(kernels, x, inside, shape);
    rfft2(kernels, new Float32Array(x), outside, shape);
    expect(outside).toEqual(new Float32Array(inside));
    const one = new Float32Array(inside.length / 4);
    rfft2(kernels, x.subarray(2 * 60 * 36, 3 * 60 * 36), one, { ...shape, batch: 1 });
    expect(one).toEqual(outside.slice(2 * one.length, 3 * one.length));
  });

  it('does not hide NaN', () => {
    const x = new Float32Array(64);
    x[9] = Number.NaN;
    const out = new Float32Array(8 * 5 * 2);
    rfft2(kernels, x, out, { batch: 1, rows: 8, columns: 8 });
    /* In every coefficient, though not always in both of its parts. */
    for (let i = 0; i < out.length; i += 2) expect(Number.isNaN(out[i]! + out[i + 1]!)).toBe(true);
  });

  it('refuses other sizes and names the nearest', () => {
    const x = new Float32Array(7 * 8);
    const call = () => rfft2(kernels, x, new Float32Array(7 * 5 * 2), { batch: 1, rows: 7, columns: 8 });
    expect(call).toThrow(InvalidArgumentError);
    expect(call).toThrow(
      'kernels.rfft2: rows must be of the form 2^a 3^b 5^c; got 7. The nearest are 6 and 8.',
    );
    expect(() => irfft2(kernels, x, x, { batch: 1, rows: 8, columns: 0 })).toThrow(
      'columns must be an integer',
    );
    expect(() => rfft2(kernels, x, x, { batch: 1, rows: 8, columns: 8 })).toThrow(
      'input must have 64 elements; got 56',
    );
    expect(nearestFftSizes(257)).toEqual([256, 270]);
    expect(nearestFftSizes(60)).toEqual([60, 60]);
  });
});

it('says so when the WASM memory has no room for scratch space', async () => {
  const kernels = await loadKernels({ backend: 'wasm', memoryMiB: 8 });
  const x = kernels.float32(512 * 512);
  const out = kernels.float32(512 * 257 * 2);
  kernels.float32(2 ** 20);
  const call = () => rfft2(kernels, x, out, { batch: 1, rows: 512, columns: 512 });
  expect(call).toThrow(UnsupportedError);
  expect(call).toThrow('kernels.rfft2: scratch space for 1 x 512 x 512 must fit');
});

describe.each(engines)('rfft2Beside on $backend', (kernels) => {
  const shape = { batch: 3, rows: 32, columns: 48 };
  const x = normal(keyOf(7), 3 * 32 * 48);
  const expected = new Float32Array(3 * 32 * halfOf(48) * 2);
  rfft2(kernels, x, expected, shape);

  it('gives the bytes of rfft2, and what the work gives', () => {
    const out = new Float32Array(expected.length);
    expect(rfft2Beside(kernels, x, out, shape, () => 'done')).toBe('done');
    expect(out).toEqual(expected);
  });

  it('lets the work call kernels that use threads too', () => {
    const [out, other] = [new Float32Array(expected.length), new Float32Array(expected.length)];
    for (let repeat = 0; repeat < 200; repeat++) {
      out.fill(0);
      rfft2Beside(kernels, x, out, shape, () => rfft2(kernels, x, other.fill(0), shape));
      expect(out).toEqual(expected);
      expect(other).toEqual(expected);
    }
  });

  it('ends the transform before an error of the work goes on', () => {
    const out = new Float32Array(expected.length);
    const fail = () => {
      throw new Error('no universe');
    };
    expect(() => rfft2Beside(kernels, x, out, shape, fail)).toThrow('no universe');
    expect(out).toEqual(expected);
  });
});

describe('threads', () => {
  it.skipIf(!engines.some(({ backend }) => backend === 'native'))('do not change a bit', async () => {
    for (const [batch, rows, columns] of [
      [5, 64, 64],
      [1, 256, 256],
      [3, 75, 90],
      [16, 20, 20],
    ] as const) {
      const shape = { batch, rows, columns };
      const x = normal(keyOf(6), batch * rows * columns);
      const results = [];
      for (const threads of [1, 2, 3]) {
        const kernels = await loadKernels({ backend: 'native', threads });
        const out = new Float32Array(batch * rows * halfOf(columns) * 2);
        const back = new Float32Array(x.length);
        rfft2(kernels, x, out, shape);
        irfft2(kernels, out, back, shape);
        results.push([out, back]);
      }
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    }
  });
});
