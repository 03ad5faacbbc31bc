import { describe, expect, it } from 'vitest';
import { erf, erfInverse, loadEveryKernels } from '../src/index.ts';

const engines = await loadEveryKernels({ memoryMiB: 64 });

/** Spacing of float32 numbers at `x`. */
function lastPlace(x: number): number {
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -126) - 23);
}

/** From `low` to `high`, dense near zero and at the ends. */
function grid(low: number, high: number): Float32Array {
  const n = 40_000;
  const points = Array.from({ length: n }, (_, i) => low + ((high - low) * (i + 0.37)) / n);
  const small = Array.from({ length: 2000 }, (_, i) => 10 ** (-12 + (12 * i) / 2000)).flatMap((x) => [x, -x]);
  return Float32Array.from([...points, ...small.filter((x) => x > low && x < high), low, high]);
}

type UnaryKernel = 'lf_exp' | 'lf_log' | 'lf_log1p' | 'lf_expm1' | 'lf_tanh' | 'lf_sigmoid' | 'lf_softplus';

/* Function, truth in float64, range, errors allowed in units of the last place (measured below, rounded up). */
const TABLE: [UnaryKernel, (x: number) => number, number, number, number][] = [
  ['lf_exp', Math.exp, -87, 88.7, 1.1],
  ['lf_log', Math.log, 1e-30, 3e38, 1],
  ['lf_log', Math.log, 0.5, 2, 1],
  ['lf_log1p', Math.log1p, -0.999, 1e6, 2],
  ['lf_expm1', Math.expm1, -20, 80, 3],
  ['lf_tanh', Math.tanh, -12, 12, 2],
  ['lf_sigmoid', (x) => 1 / (1 + Math.exp(-x)), -80, 80, 3],
  ['lf_softplus', (x) => Math.log1p(Math.exp(x)), -80, 80, 3],
];

describe.each(engines)('vector functions on $backend', (kernels) => {
  it.each(TABLE)('%s', (name, truth, low, high, allowed) => {
    const x = grid(low, high);
    const out = new Float32Array(x.length);
    kernels.call[name](x, out, x.length);
    let worst = 0;
    for (let i = 0; i < x.length; i++) {
      const exact = truth(x[i]!);
      worst = Math.max(worst, Math.abs(out[i]! - exact) / lastPlace(exact));
    }
    expect(worst).toBeLessThan(allowed);
  });

  it('exp has subnormal results, and its ends', () => {
    const x = Float32Array.of(-100, -103, -110, 88.8, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    const out = new Float32Array(6);
    kernels.call.lf_exp(x, out, 6);
    expect(Math.abs(out[0]! - Math.exp(-100))).toBeLessThan(2 ** -149);
    expect(out[1]).toBe(2 ** -149);
    expect([...out.slice(2)]).toEqual([0, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY]);
  });

  it('log has its ends and subnormal arguments', () => {
    const x = Float32Array.of(0, -1, Number.POSITIVE_INFINITY, 2 ** -140, 1);
    const out = new Float32Array(5);
    kernels.call.lf_log(x, out, 5);
    expect(out[0]).toBe(Number.NEGATIVE_INFINITY);
    expect(out[1]).toBeNaN();
    expect(out[2]).toBe(Number.POSITIVE_INFINITY);
    expect(Math.abs(out[3]! - Math.log(2 ** -140))).toBeLessThan(1e-5);
    expect(out[4]).toBe(0);
  });

  it('erf within 1e-6', () => {
    const x = grid(-5, 5);
    const out = new Float32Array(x.length);
    kernels.call.lf_erf(x, out, x.length);
    const worst = out.reduce((m, y, i) => Math.max(m, Math.abs(y - erf(x[i]!))), 0);
    expect(worst).toBeLessThan(1e-6);
  });

  it.each([
    [0.9, 1e-6],
    /* The form of XLA takes the logarithm of 1 - x^2 with x^2 rounded, which tells here. */
    [0.9999, 1e-5],
  ])('erfinv for |x| < %d within %d of its value', (end, allowed) => {
    const x = grid(-end, end).filter((p) => p !== 0);
    const out = new Float32Array(x.length);
    kernels.call.lf_erfinv(x, out, x.length);
    const worst = out.reduce((m, y, i) => Math.max(m, Math.abs(y / erfInverse(x[i]!) - 1)), 0);
    expect(worst).toBeLessThan(allowed);
  });

  it('passes NaN on, everywhere in a vector and in its rest', () => {
    for (const name of [
      'lf_exp',
      'lf_log',
      'lf_log1p',
      'lf_expm1',
      'lf_tanh',
      'lf_sigmoid',
      'lf_softplus',
      'lf_erf',
      'lf_erfinv',
    ] as const) {
      const x = new Float32Array(19).fill(0.5);
      x[3] = Number.NaN;
      x[18] = Number.NaN;
      const out = new Float32Array(19);
      kernels.call[name](x, out, 19);
      expect([...out].map(Number.isNaN)).toEqual([...x].map(Number.isNaN));
    }
  });
});
