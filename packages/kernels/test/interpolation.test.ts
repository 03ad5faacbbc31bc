import { describe, expect, it } from 'vitest';
import { InvalidArgumentError } from '../src/errors.ts';
import { cubicSpline, linearInterpolant } from '../src/interpolation.ts';

const uneven = (n: number) =>
  Float64Array.from({ length: n }, (_, i) => i / (n - 1) + 0.3 * Math.sin(i) ** 2 * (1 / n));

describe('cubicSpline', () => {
  it('with not-a-knot ends reproduces a cubic, inside and outside', () => {
    const cubic = (x: number) => 1 - 2 * x + 3 * x * x - 0.7 * x ** 3;
    for (const n of [4, 5, 9, 30]) {
      const x = uneven(n);
      const spline = cubicSpline(x, x.map(cubic));
      for (const at of [-0.2, 0, 0.111, 0.5, 0.93, 1.3]) {
        expect(spline(at)).toBeCloseTo(cubic(at), 11);
        expect(spline.derivative(at)).toBeCloseTo(-2 + 6 * at - 2.1 * at * at, 10);
      }
    }
  });

  it('reproduces a parabola from three nodes and a line from two', () => {
    const parabola = cubicSpline([0, 1, 3], [0, 1, 9]);
    expect(parabola(2)).toBeCloseTo(4, 13);
    expect(parabola.derivative(2)).toBeCloseTo(4, 13);
    expect(cubicSpline([0, 2], [1, 5])(1)).toBe(3);
  });

  it('converges with fourth order', () => {
    const errorOf = (n: number) => {
      const x = Float64Array.from({ length: n }, (_, i) => (3 * i) / (n - 1));
      const spline = cubicSpline(x, x.map(Math.sin));
      let worst = 0;
      for (let at = 0; at <= 3; at += 0.003) worst = Math.max(worst, Math.abs(spline(at) - Math.sin(at)));
      return worst;
    };
    // Halving the spacing divides the error by 16, less 20 % for the ends.
    expect(errorOf(21) / errorOf(41)).toBeGreaterThan(12.8);
  });

  it('with natural ends has no curvature there', () => {
    const spline = cubicSpline([0, 1, 2, 4], [0, 2, 1, 3], { ends: 'natural' });
    const curvature = (at: number, h: number) => (spline.derivative(at + h) - spline.derivative(at)) / h;
    expect(Math.abs(curvature(0, 1e-7))).toBeLessThan(1e-5);
    expect(Math.abs(curvature(4 - 1e-7, 1e-7))).toBeLessThan(1e-5);
    expect(spline(1)).toBeCloseTo(2, 14);
  });

  it('refuses NaN, disorder and unequal lengths', () => {
    expect(() => cubicSpline([0, 1, 1], [0, 1, 2])).toThrow(InvalidArgumentError);
    expect(() => cubicSpline([0, 1, 2], [0, Number.NaN, 2])).toThrow(/node 1/);
    expect(() => cubicSpline([0, 1], [0])).toThrow(/equal length/);
  });
});

describe('linearInterpolant', () => {
  it('joins the nodes and continues the end pieces', () => {
    const line = linearInterpolant([0, 1, 3], [0, 2, 0]);
    expect([line(-1), line(0.5), line(1), line(2), line(4)]).toEqual([-2, 1, 2, 1, -1]);
    expect([line.derivative(0.5), line.derivative(2)]).toEqual([2, -1]);
  });
});
