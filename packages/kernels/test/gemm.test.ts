import { describe, expect, it } from 'vitest';
import { gemm, keyOf, loadEveryKernels, splitKey, uniform } from '../src/index.ts';

const engines = await loadEveryKernels();

interface Shape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch?: number;
}

function naive(
  a: Float32Array,
  b: Float32Array,
  { m, n, k }: Shape,
  transposeA: boolean,
  transposeB: boolean,
) {
  const c = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let p = 0; p < k; p++)
        c[i * n + j]! += a[transposeA ? p * m + i : i * k + p]! * b[transposeB ? j * k + p : p * n + j]!;
  return c;
}

function operands({ m, n, k, batch = 1 }: Shape): [Float32Array, Float32Array] {
  const [keyA, keyB] = splitKey(keyOf(3), 2);
  return [
    uniform(keyA!, batch * m * k, { min: -1, max: 1 }),
    uniform(keyB!, batch * k * n, { min: -1, max: 1 }),
  ];
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

const shapes: Shape[] = [
  { m: 1, n: 1, k: 1 },
  { m: 5, n: 7, k: 3 },
  { m: 13, n: 17, k: 300 },
  { m: 100, n: 9, k: 65 },
  { m: 3, n: 33, k: 600 },
  { m: 97, n: 150, k: 257 },
  { m: 490, n: 270, k: 530 }, // packed, in several blocks of rows and of depth
  { m: 6, n: 2100, k: 4 },
  { m: 7, n: 300, k: 0 },
];

describe.each(engines)('gemm on $backend', (kernels) => {
  it.each(shapes)('equals a float64 product for $m x $n x $k', (shape) => {
    const [a, b] = operands(shape);
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const c = new Float32Array(shape.m * shape.n).fill(Number.NaN);
        gemm(kernels, a, b, c, { ...shape, transposeA, transposeB });
        // k roundings of a partial sum of about (k / 9)^(1/2); the factor covers the largest of 132 300 elements.
        const tolerance = 2 ** -24 * (2 + 1.5 * shape.k);
        expect(largestDifference(c, naive(a, b, shape, transposeA, transposeB))).toBeLessThan(tolerance);
      }
    }
  });

  it('multiplies by alpha and adds beta C', () => {
    const shape = { m: 9, n: 20, k: 11 };
    const [a, b] = operands(shape);
    const c = new Float32Array(180).fill(2);
    gemm(kernels, a, b, c, { ...shape, alpha: -0.5, beta: 3 });
    const expected = naive(a, b, shape, false, false).map((x) => -0.5 * x + 6);
    expect(largestDifference(c, expected)).toBeLessThan(4e-6);
  });

  it('runs over batches and repeats a matrix of stride 0', () => {
    const shape = { m: 8, n: 5, k: 6, batch: 3 };
    const [a, b] = operands(shape);
    const c = new Float32Array(120);
    gemm(kernels, a, b.subarray(0, 30), c, { ...shape, strideB: 0 });
    for (let i = 0; i < 3; i++) {
      const expected = naive(a.subarray(48 * i), b, shape, false, false);
      expect(largestDifference(c.subarray(40 * i, 40 * i + 40), expected)).toBeLessThan(4e-6);
    }
  });

  it('carries NaN and Infinity', () => {
    const c = new Float32Array(2);
    gemm(kernels, Float32Array.of(Number.NaN, 1), Float32Array.of(1), c, { m: 2, n: 1, k: 1 });
    expect([...c]).toEqual([Number.NaN, 1]);
    gemm(kernels, Float32Array.of(Number.POSITIVE_INFINITY, 0), Float32Array.of(2, 2), c.subarray(0, 1), {
      m: 1,
      n: 1,
      k: 2,
    });
    expect(c[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses arrays that do not fit', () => {
    const array = new Float32Array(6);
    expect(() => gemm(kernels, array, array, array, { m: 2, n: 2, k: 3 })).toThrow(
      'kernels.gemm: c must have 4 elements; got 6.',
    );
  });
});
