import { describe, expect, it } from 'vitest';
import { erf, erfc, erfInverse, logGamma, normalCdf, normalQuantile } from '../src/special-functions.ts';

const relative = (value: number, truth: number) => Math.abs(value / truth - 1);

describe('erf and erfc', () => {
  it.each([
    // 17 digits, Abramowitz and Stegun table 7.1 and DLMF 7.23
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
  ])('erf(%d)', (x, truth) => {
    expect(relative(erf(x), truth)).toBeLessThan(5e-16);
    expect(erf(-x)).toBe(-erf(x));
  });

  it('erfc keeps its digits in the tail', () => {
    expect(relative(erfc(2), 0.004677734981047266)).toBeLessThan(2e-15);
    expect(relative(erfc(5), 1.537459794428035e-12)).toBeLessThan(2e-15);
    expect(relative(erfc(10), 2.088487583762545e-45)).toBeLessThan(2e-15);
    expect(erfc(30)).toBe(0);
    expect(erfc(-30)).toBe(2);
  });

  it('agrees with its power series', () => {
    for (let x = -2; x <= 2; x += 0.01) {
      let term = x;
      let sum = x;
      for (let n = 1; n < 60; n++) {
        term *= -(x * x) / n;
        sum += term / (2 * n + 1);
      }
      // The series loses one digit to cancellation at |x| = 2.
      expect(Math.abs(erf(x) - (2 / Math.sqrt(Math.PI)) * sum)).toBeLessThan(4e-15);
    }
  });

  it('passes NaN on', () => {
    expect(erf(Number.NaN)).toBeNaN();
    expect(erfc(Number.NaN)).toBeNaN();
  });
});

describe('normalQuantile and erfInverse', () => {
  it('are the inverses of normalCdf and erf', () => {
    for (let x = -37; x <= 0; x += 0.37) {
      const p = normalCdf(x);
      // One rounding of p moves x by p / density(x) 1e-16 < 1e-16 / |x|.
      expect(Math.abs(normalQuantile(p) - x)).toBeLessThan(3e-15 * Math.max(1, -x));
    }
    for (let x = -0.999; x < 1; x += 0.0037) expect(Math.abs(erf(erfInverse(x)) - x)).toBeLessThan(4e-16);
    expect(relative(erfInverse(1e-9), 8.86226925452758e-10)).toBeLessThan(1e-15);
  });

  it('has tabulated values', () => {
    expect(relative(normalQuantile(0.975), 1.9599639845400543)).toBeLessThan(1e-15);
    expect(relative(normalQuantile(1e-10), -6.361340902404057)).toBeLessThan(1e-15);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(1.1)).toBeNaN();
    expect(erfInverse(Number.NaN)).toBeNaN();
  });
});

describe('logGamma', () => {
  it('gives factorials, halves and reflections', () => {
    let factorial = 0;
    for (let n = 1; n < 60; n++) {
      expect(Math.abs(logGamma(n) - factorial)).toBeLessThan(1e-14 * Math.max(1, factorial));
      factorial += Math.log(n);
    }
    expect(logGamma(0.5)).toBeCloseTo(0.5723649429247001, 14);
    expect(logGamma(-0.5)).toBeCloseTo(1.2655121234846454, 14);
    expect(logGamma(-2)).toBe(Number.POSITIVE_INFINITY);
    expect(logGamma(Number.NaN)).toBeNaN();
  });
});
