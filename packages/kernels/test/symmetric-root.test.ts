import { describe, expect, test } from 'vitest';
import {
  eigenLength,
  keyOf,
  loadEveryKernels,
  normalFloat64,
  symmetricEigen,
  symmetricRootGradient,
  symmetricRoots,
} from '../src/index.ts';
import { packedMatrices, pairsOf, unpack } from './packed-matrices.ts';

/** sum_k v_ik max(e_k, 0)^(1/2) v_jk by the eigenproblem solver of this package (another algorithm, one matrix at a time). */
function rootByEigen(matrix: number[][]): number[][] {
  const size = matrix.length;
  const { values, vectors } = symmetricEigen(Float64Array.from(matrix.flat()), size);
  return matrix.map((_, i) =>
    matrix.map((__, j) => {
      let sum = 0;
      for (let k = 0; k < size; k++)
        sum += vectors[i * size + k]! * Math.sqrt(Math.max(values[k]!, 0)) * vectors[j * size + k]!;
      return sum;
    }),
  );
}

describe.each(await loadEveryKernels({ threads: 2 }))('symmetric roots on $backend', (kernels) => {
  test.each([
    [1, 0],
    [2, 0],
    [3, 1],
    [5, 0],
    [5, 2],
    [7, 1],
    [16, 0],
  ])('size %i, shift %f: equal to the root by another eigenproblem solver', (size, shift) => {
    const [count, stride] = [67, pairsOf(size) + 3];
    const matrices = packedMatrices(size, count, size, stride, shift);
    const root = new Float64Array(count * stride);
    const eigen = new Float64Array(eigenLength({ count, size }));
    symmetricRoots(kernels, matrices, root, eigen, { count, size, stride });
    for (let m = 0; m < count; m++) {
      const expected = rootByEigen(unpack(matrices, m * stride, size)).flat();
      const scale = Math.max(...expected.map(Math.abs));
      const got = unpack(root, m * stride, size).flat();
      // The root of an eigenvalue near zero is only as good as sqrt(epsilon) of its neighbours.
      got.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-8 * scale);
      });
    }
  });

  test('S S = A for spectra that decline over eight decades', () => {
    const [count, size, stride] = [129, 5, 16];
    const matrices = packedMatrices(size, count, size, stride);
    for (let m = 0; m < count; m++)
      for (let pair = 0; pair < 15; pair++) matrices[m * stride + pair]! *= 10 ** (-m / 16);
    const root = new Float64Array(count * stride);
    symmetricRoots(kernels, matrices, root, new Float64Array(eigenLength({ count, size })), {
      count,
      size,
      stride,
    });
    for (let m = 0; m < count; m++) {
      const s = unpack(root, m * stride, size);
      const a = unpack(matrices, m * stride, size);
      const scale = Math.max(...a.flat().map(Math.abs));
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++) {
          const product = s[i]!.reduce((sum, value, k) => sum + value * s[k]![j]!, 0);
          expect(Math.abs(product - a[i]![j]!)).toBeLessThan(1e-13 * scale);
        }
    }
  });

  test.each([
    [1, 0],
    [5, 0],
    [5, 2],
    [6, 0],
  ])('size %i, shift %f: the gradient is that of finite differences', (size, shift) => {
    const [count, stride] = [40, pairsOf(size)];
    const options = { count, size, stride };
    const matrices = packedMatrices(size, count, size, stride, shift);
    const cotangent = normalFloat64(keyOf(7), count * stride);
    const direction = normalFloat64(keyOf(8), count * stride);
    const eigen = new Float64Array(eigenLength(options));
    const root = new Float64Array(count * stride);
    const value = (step: number) => {
      symmetricRoots(
        kernels,
        matrices.map((a, i) => a + step * direction[i]!),
        root,
        eigen,
        options,
      );
      return Float64Array.from({ length: count }, (_, m) => {
        let sum = 0;
        for (let p = 0; p < stride; p++) sum += cotangent[m * stride + p]! * root[m * stride + p]!;
        return sum;
      });
    };
    const [far, farther] = [
      [value(1e-6), value(-1e-6)],
      [value(2e-6), value(-2e-6)],
    ] as const;
    value(0);
    const gradient = new Float64Array(count * stride);
    symmetricRootGradient(kernels, eigen, cotangent, gradient, options);
    let tested = 0;
    for (let m = 0; m < count; m++) {
      const one = (far[0]![m]! - far[1]![m]!) / 2e-6;
      const two = (farther[0]![m]! - farther[1]![m]!) / 4e-6;
      const exact = gradient
        .subarray(m * stride, (m + 1) * stride)
        .reduce((sum, g, p) => sum + g * direction[m * stride + p]!, 0);
      // Where an eigenvalue passes zero within the step, differences have not converged and say nothing.
      if (Math.abs(one - two) > 1e-6 * (1 + Math.abs(one))) continue;
      tested++;
      expect(Math.abs(exact - one)).toBeLessThan(1e-5 * (1 + Math.abs(one)));
    }
    expect(tested).toBeGreaterThan(0.8 * count);
  });

  test('a zero matrix has a zero root and a zero gradient, NaN stays NaN', () => {
    const options = { count: 2, size: 2, stride: 3 };
    const matrices = Float64Array.of(0, 0, 0, Number.NaN, 0, 1);
    const root = new Float64Array(6);
    const eigen = new Float64Array(eigenLength(options));
    symmetricRoots(kernels, matrices, root, eigen, options);
    expect([...root.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(root[3]).toBeNaN();
    expect([...root.subarray(4)].every(Number.isNaN)).toBe(true);
    const gradient = new Float64Array(6);
    symmetricRootGradient(kernels, eigen, Float64Array.of(1, 1, 1, 0, 0, 0), gradient, options);
    expect([...gradient.subarray(0, 3)]).toEqual([0, 0, 0]);
  });

  test('a NaN matrix does not spoil those after it', () => {
    const options = { count: 64, size: 3, stride: 6 };
    const matrices = packedMatrices(3, 64, 3, 6);
    const [clean, spoilt] = [new Float64Array(64 * 6), new Float64Array(64 * 6)];
    const eigen = new Float64Array(eigenLength(options));
    symmetricRoots(kernels, matrices, clean, eigen, options);
    matrices.fill(Number.NaN, 0, 12);
    symmetricRoots(kernels, matrices, spoilt, eigen, options);
    for (let i = 12; i < clean.length; i++) expect(Math.abs(spoilt[i]! - clean[i]!)).toBeLessThan(1e-12);
  });

  test('wrong arguments are refused', () => {
    const a = new Float64Array(3);
    const call = (size: number, stride: number) => () =>
      symmetricRoots(kernels, a, a, a, { count: 1, size, stride });
    expect(call(17, 200)).toThrow(/size must be an integer from 1 to 16; got 17/);
    expect(call(3, 5)).toThrow(/stride must be at least 6; got 5/);
    expect(call(2, 3)).toThrow(/eigen must have 48 elements; got 3/);
  });
});
