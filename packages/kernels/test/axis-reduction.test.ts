import { describe, expect, it } from 'vitest';
import { keyOf, loadEveryKernels, reduceAxis, softmaxRows, uniform } from '../src/index.ts';

const engines = await loadEveryKernels();

const shapes = [
  { outer: 1, length: 1, inner: 1 },
  { outer: 3, length: 37, inner: 1 },
  { outer: 2, length: 130, inner: 7 },
  { outer: 1, length: 5000, inner: 16 },
  { outer: 1, length: 100_000, inner: 1 },
  { outer: 4, length: 9, inner: 100 },
  { outer: 900, length: 3, inner: 50 },
];

function twin(
  x: Float32Array,
  { outer, length, inner }: (typeof shapes)[number],
  fold: (a: number, b: number) => number,
  start: number,
) {
  const result = new Float64Array(outer * inner).fill(start);
  for (let o = 0; o < outer; o++)
    for (let l = 0; l < length; l++)
      for (let i = 0; i < inner; i++)
        result[o * inner + i] = fold(result[o * inner + i]!, x[(o * length + l) * inner + i]!);
  return result;
}

describe.each(engines)('reductions on $backend', (kernels) => {
  it.each(shapes)('of $outer x $length x $inner', (shape) => {
    const x = uniform(keyOf(4), shape.outer * shape.length * shape.inner, { min: -1, max: 2 });
    const output = new Float32Array(shape.outer * shape.inner);
    reduceAxis(kernels, 'sum', x, output, { ...shape, scale: 0.5 });
    const sum = twin(x, shape, (a, b) => a + b, 0);
    // At most 64 float32 roundings of partial sums below 100, then float64; one rounding of the result.
    output.forEach((value, i) => {
      expect(Math.abs(value - 0.5 * sum[i]!)).toBeLessThan(
        2e-7 * shape.length ** 0.5 * 10 + 1e-7 * Math.abs(sum[i]!),
      );
    });
    reduceAxis(kernels, 'max', x, output, shape);
    expect([...output]).toEqual([...twin(x, shape, Math.max, Number.NEGATIVE_INFINITY)]);
    reduceAxis(kernels, 'min', x, output, shape);
    expect([...output]).toEqual([...twin(x, shape, Math.min, Number.POSITIVE_INFINITY)]);
  });

  it('a product', () => {
    const output = new Float32Array(2);
    reduceAxis(kernels, 'product', Float32Array.of(1, 2, 3, 4), output, { outer: 1, length: 2, inner: 2 });
    expect([...output]).toEqual([3, 8]);
  });

  it('a long sum keeps its digits: a million times 0.1', () => {
    const output = new Float32Array(1);
    reduceAxis(kernels, 'sum', new Float32Array(1e6).fill(0.1), output, { outer: 1, length: 1e6, inner: 1 });
    // A plain float32 sum gives 100958.
    expect(output[0]).toBeCloseTo(1e6 * Math.fround(0.1), 1);
  });

  it('softmax rows add up to one and follow their definition', () => {
    const [rows, columns] = [5, 13];
    const x = uniform(keyOf(5), rows * columns, { min: -4, max: 4 });
    const p = new Float32Array(x.length);
    const logP = new Float32Array(x.length);
    softmaxRows(kernels, x, p, { rows, columns });
    softmaxRows(kernels, x, logP, { rows, columns, logarithm: true });
    for (let r = 0; r < rows; r++) {
      const row = x.subarray(r * columns, (r + 1) * columns);
      const total = row.reduce((sum, v) => sum + Math.exp(v), 0);
      row.forEach((v, c) => {
        expect(Math.abs(p[r * columns + c]! - Math.exp(v) / total)).toBeLessThan(3e-7);
        expect(Math.abs(logP[r * columns + c]! - (v - Math.log(total)))).toBeLessThan(2e-6);
      });
    }
  });
});
