import { describe, expect, it } from 'vitest';
import { kernelDensity, linearBinning, spreadOf } from '../src/density-1d.ts';
import { normals, uniforms } from './gaussian-draws.ts';

function integral({ x, y }: { x: Float64Array; y: Float64Array }): number {
  return y.reduce((sum, value) => sum + value, 0) * (x[1] - x[0]);
}

describe('kernelDensity', () => {
  it('integrates to one', () => {
    const normal = normals(1);
    const values = Float64Array.from({ length: 5000 }, normal);
    expect(integral(kernelDensity(values, { domain: [-6, 6] }))).toBeCloseTo(1, 10);
  });

  it('integrates to the share of the draws that the domain holds', () => {
    const uniform = uniforms(2);
    const values = Float64Array.from({ length: 4000 }, uniform);
    const share = values.filter((value) => value <= 0.25).length / 4000;
    expect(integral(kernelDensity(values, { domain: [0, 0.25] }))).toBeCloseTo(share, 10);
  });

  it('follows the normal density', () => {
    const normal = normals(3);
    const values = Float64Array.from({ length: 100_000 }, normal);
    const { x, y } = kernelDensity(values, { domain: [-5, 5] });
    for (let i = 0; i < x.length; i++) {
      // Bias h^2 f'' / 2 with h = 0.106 is at most 0.0023; five standard errors at the peak are 0.0055.
      expect(Math.abs(y[i] - Math.exp(-0.5 * x[i] ** 2) / Math.sqrt(2 * Math.PI))).toBeLessThan(0.008);
    }
  });

  it('stays flat up to a bound', () => {
    const uniform = uniforms(4);
    const values = Float64Array.from({ length: 200_000 }, uniform);
    const bounded = kernelDensity(values, { domain: [-0.1, 1.1], bounds: [0, 1] });
    expect(bounded.x[0]).toBeGreaterThan(0);
    // Five standard errors of a kernel estimate next to the bound: 5 sqrt(f / (2 n h sqrt(pi) / 2)) = 0.07.
    for (const y of bounded.y) expect(Math.abs(y - 1)).toBeLessThan(0.07);
  });

  it('smooths more where correlated draws are worth fewer', () => {
    const normal = normals(5);
    const values = Float64Array.from({ length: 2000 }, normal);
    const peak = (effectiveSize: number): number =>
      Math.max(...kernelDensity(values, { domain: [-5, 5], effectiveSize }).y);
    expect(peak(20)).toBeLessThan(0.9 * peak(2000));
  });

  it('draws a constant as a spike', () => {
    const { x, y } = kernelDensity(new Float64Array(100).fill(0.5), { domain: [0, 1] });
    const top = y.indexOf(Math.max(...y));
    expect(Math.abs(x[top] - 0.5)).toBeLessThan(0.01);
    expect(y.every(Number.isFinite)).toBe(true);
  });
});

describe('linearBinning', () => {
  it('keeps the number and the mean of the values', () => {
    const values = [0.3, 1.7, 2.25, 3.5];
    const counts = linearBinning(values, 0, 4, 4);
    expect(counts.reduce((a, b) => a + b)).toBeCloseTo(4, 12);
    // Exact except within half a bin of the ends: 0.3 is moved to the first centre, 0.5.
    const mean = counts.reduce((sum, count, i) => sum + count * (i + 0.5), 0) / 4;
    expect(mean).toBeCloseTo((0.5 + 1.7 + 2.25 + 3.5) / 4, 12);
  });
});

describe('spreadOf', () => {
  it('gives mean, standard deviation and quantiles', () => {
    const spread = spreadOf(Float64Array.from({ length: 1001 }, (_, i) => i));
    expect(spread.mean).toBeCloseTo(500, 9);
    expect(spread.sd).toBeCloseTo(Math.sqrt((1001 * 1002) / 12), 9);
    expect(spread.quantiles).toEqual([1, 250, 750, 999]);
  });
});
