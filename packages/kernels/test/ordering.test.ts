import { describe, expect, it } from 'vitest';
import { cumulativeSum, keyOf, loadEveryKernels, sortOrder, uniform } from '../src/index.ts';

const engines = await loadEveryKernels();

describe.each(engines)('running sums on $backend', (kernels) => {
  it.each([
    { outer: 3, length: 7, inner: 1 },
    { outer: 2, length: 5, inner: 70 },
    { outer: 4, length: 6000, inner: 3 },
  ])('of [$outer, $length, $inner], both ways, with and without the entry', (shape) => {
    const { outer, length, inner } = shape;
    const x = uniform(keyOf(1), outer * length * inner, { min: -1, max: 1 });
    for (const exclusive of [false, true])
      for (const reverse of [false, true]) {
        const output = new Float32Array(x.length).fill(Number.NaN);
        const expected = new Float32Array(x.length);
        cumulativeSum(kernels, x, output, { ...shape, exclusive, reverse });
        for (let line = 0; line < outer * inner; line++) {
          const places = Array.from(
            { length },
            (_, i) => (Math.floor(line / inner) * length + i) * inner + (line % inner),
          );
          if (reverse) places.reverse();
          let total = 0;
          for (const at of places) {
            const before = total;
            total += x[at]!;
            // The same sum in float64, rounded once.
            expected[at] = exclusive ? before : total;
          }
        }
        expect(output).toEqual(expected);
      }
  });
});

describe.each(engines)('sorting on $backend', (kernels) => {
  it.each([
    [4, 7],
    [3, 48],
    [3, 49],
    [5, 3000],
    [40000, 2],
  ])('%i rows of %i, with ties, infinities and NaN', (rows, columns) => {
    const x = uniform(keyOf(2), rows * columns, { min: -8, max: 8 }).map(
      (value) => Math.round(value * 16) / 16,
    );
    x.set([Number.NaN, -0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-40, -1e-40]);
    for (const descending of [false, true])
      for (const flat of [false, true]) {
        const order = new Int32Array(x.length);
        sortOrder(kernels, x, order, { rows, columns, descending, flat });
        const expected = new Int32Array(x.length);
        for (let row = 0; row < rows; row++) {
          // Array.sort keeps equal entries in order. NaN as the largest.
          const size = (i: number) => {
            const value = x[row * columns + i]!;
            return Number.isNaN(value) ? [1, 0] : [0, value];
          };
          const compare = (i: number, j: number) => {
            const [a, b] = [size(i), size(j)];
            const [first, second] = [a[0]! - b[0]!, a[1]! === b[1]! ? 0 : a[1]! < b[1]! ? -1 : 1];
            return (first || second) * (descending ? -1 : 1);
          };
          const places = Array.from({ length: columns }, (_, i) => i).sort(compare);
          expected.set(flat ? places.map((i) => row * columns + i) : places, row * columns);
        }
        expect(order).toEqual(expected);
      }
  });
});
