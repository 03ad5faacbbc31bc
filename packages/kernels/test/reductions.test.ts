import { describe, expect, it } from 'vitest';
import {
  addScaled,
  dot,
  keyOf,
  loadEveryKernels,
  loadKernels,
  normal,
  roundToFloat32,
  sum,
  sumOfSquares,
  widenToFloat64,
} from '../src/index.ts';

const engines = await loadEveryKernels({ memoryMiB: 64 });

/** Neumaier's sum: exact to the last place here. */
function compensatedSum(terms: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const term of terms) {
    const next = total + term;
    lost += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
  }
  return total + lost;
}

describe.each(engines)('reductions on $backend', (kernels) => {
  it.each([0, 1, 15, 32_768, 100_003])('of %i elements', (n) => {
    const x = normal(keyOf(1), n);
    const y = normal(keyOf(2), n);
    const exact = (f: (i: number) => number) => compensatedSum(Array.from(x, (_, i) => f(i)));
    /* Blocks of 32768 in 16 running sums: rounding errors of 2^-53 of running sums, which add like the root of 2048. */
    const allowed = 3e-15 * (n + 1);
    expect(Math.abs(sum(kernels, x) - exact((i) => x[i]!))).toBeLessThan(allowed);
    expect(Math.abs(sumOfSquares(kernels, x) - exact((i) => x[i]! ** 2))).toBeLessThan(allowed);
    expect(Math.abs(dot(kernels, x, y) - exact((i) => x[i]! * y[i]!))).toBeLessThan(allowed);
  });

  it('keeps what float32 sums lose', () => {
    const x = new Float32Array(1001).fill(1);
    x[0] = 2 ** 24;
    expect(sum(kernels, x)).toBe(2 ** 24 + 1000);
  });

  it.each([0, 1, 100_003])('adds a multiple of %i elements', (n) => {
    const x = normal(keyOf(1), n);
    const y = normal(keyOf(2), n);
    const out = y.slice();
    addScaled(kernels, -0.3, x, out);
    /* One rounding of a fused product, or two: 2^-23 of terms up to 5. */
    out.forEach((value, i) => {
      expect(Math.abs(value - (y[i]! - Math.fround(0.3) * x[i]!))).toBeLessThan(1e-6);
    });
    expect(() => addScaled(kernels, 1, x, new Float32Array(n + 1))).toThrow(
      `kernels.addScaled: out must have ${n} elements, as many as x; got ${n + 1}.`,
    );
  });

  it('converts between precisions as JavaScript does', () => {
    const x = Float64Array.of(Math.PI, -1e-50, 1e300, Number.NaN, -0);
    const narrow = new Float32Array(5);
    roundToFloat32(kernels, x, narrow);
    expect(narrow).toEqual(Float32Array.from(x));
    const wide = new Float64Array(5);
    widenToFloat64(kernels, narrow, wide);
    expect(wide).toEqual(Float64Array.from(narrow));
  });

  it('refuses arrays of other lengths', () => {
    expect(() => dot(kernels, new Float32Array(3), new Float32Array(4))).toThrow(
      'kernels.dot: y must have 3 elements, as many as x; got 4.',
    );
    expect(() => roundToFloat32(kernels, new Float64Array(3), new Float32Array(2))).toThrow(
      'out must have 3',
    );
  });
});

it('gives the same sum for any number of threads', async () => {
  const x = normal(keyOf(3), 300_001);
  const sums = await Promise.all(
    [1, 2, 3].map(async (threads) => sumOfSquares(await loadKernels({ threads }), x)),
  );
  expect(sums[1]).toBe(sums[0]);
  expect(sums[2]).toBe(sums[0]);
});
