import { describe, expect, it } from 'vitest';
import { type Contour, massContours } from '../src/contour.ts';
import { kernelDensity2d } from '../src/density-2d.ts';
import { gaussianPairs } from './gaussian-draws.ts';

/** Signed area by the shoelace formula; holes count negative. */
function area({ rings }: Contour): number {
  let sum = 0;
  for (const ring of rings) {
    for (let i = 0; i + 3 < ring.length; i += 2) sum += ring[i] * ring[i + 3] - ring[i + 2] * ring[i + 1];
  }
  return Math.abs(sum) / 2;
}

/** Even-odd rule over all rings. */
function isInside({ rings }: Contour, x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0; i + 3 < ring.length; i += 2) {
      const [x0, y0, x1, y1] = ring.subarray(i, i + 4);
      if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
    }
  }
  return inside;
}

function shareInside(contour: Contour, xs: Float64Array, ys: Float64Array): number {
  let count = 0;
  for (let i = 0; i < xs.length; i++) if (isInside(contour, xs[i], ys[i])) count++;
  return count / xs.length;
}

const cases = [
  // The area of a smoothed contour is a little too large for a small set: its level is right but its shape rounder.
  // Standard error of the area of a p-region from n draws: sqrt(p (1 - p) / n) / ((1 - p) * -ln(1 - p)), about 0.3 % and 2.3 %.
  { n: 160_000, sx: 0.02, sy: 0.3, rho: -0.9, tolerance: 0.03 },
  { n: 160_000, sx: 1, sy: 1, rho: 0, tolerance: 0.02 },
  { n: 3_000, sx: 1, sy: 5, rho: 0.6, tolerance: 0.1 },
];

describe('massContours', () => {
  it.each(cases)(
    'has the analytic area on a Gaussian: $n draws, rho $rho',
    ({ n, sx, sy, rho, tolerance }) => {
      const [xs, ys] = gaussianPairs(1, n, sx, sy, rho);
      const grid = kernelDensity2d(xs, ys, { x: [-4.5 * sx, 4.5 * sx], y: [-4.5 * sy, 4.5 * sy] });
      for (const contour of massContours(grid, [0.68, 0.95])) {
        // Chi-squared of two degrees of freedom: P(r < R) = 1 - exp(-R^2 / 2).
        const exact = Math.PI * sx * sy * Math.sqrt(1 - rho * rho) * -2 * Math.log(1 - contour.mass);
        expect(Math.abs(area(contour) / exact - 1)).toBeLessThan(tolerance);
      }
    },
  );

  it('holds the stated share of the draws, on any shape', () => {
    const [u, v] = gaussianPairs(2, 40_000, 1, 1, 0);
    // A banana with a hole in the middle of nowhere: y = v / 3 + u^2.
    const ys = v.map((value, i) => value / 3 + u[i] * u[i]);
    const grid = kernelDensity2d(u, ys, { x: [-4.5, 4.5], y: [-2, 16] });
    for (const contour of massContours(grid, [0.39, 0.68, 0.95])) {
      // Interpolation between cells moves a contour by a fraction of a cell: 1 %.
      expect(Math.abs(shareInside(contour, u, ys) - contour.mass)).toBeLessThan(0.01);
    }
  });

  it('holds the stated share where the density is cut at a bound', () => {
    const [xs, signed] = gaussianPairs(3, 40_000, 1, 1, 0);
    const ys = signed.map(Math.abs);
    const grid = kernelDensity2d(xs, ys, { x: [-4.5, 4.5], y: [-0.5, 4.5], yBounds: [0, Infinity] });
    const [contour] = massContours(grid, [0.68]);
    expect(Math.abs(shareInside(contour, xs, ys) - 0.68)).toBeLessThan(0.012);
    // Half of the full disc: the contour meets the bound at the radius of the disc instead of bending away from it.
    expect(Math.abs(area(contour) / (Math.PI * -Math.log(1 - 0.68)) - 1)).toBeLessThan(0.04);
    const lowest = Math.min(
      ...contour.rings.flatMap((ring) => Array.from(ring).filter((_, i) => i % 2 === 1)),
    );
    expect(lowest).toBeCloseTo(0, 2);
  });

  it('stands where the draws stand, however coarse the grid', () => {
    const [xs, ys] = gaussianPairs(5, 100_000, 1, 1, 0);
    const moved = xs.map((x) => x + 1);
    const [contour] = massContours(kernelDensity2d(moved, ys, { x: [-3, 5], y: [-4, 4], cells: 32 }), [0.68]);
    const ring = contour.rings[0];
    const middle = (axis: number): number => {
      const values = Array.from(ring).filter((_, i) => i % 2 === axis);
      return (Math.min(...values) + Math.max(...values)) / 2;
    };
    // A quarter of a cell of 0.25, where a grid that is off by half a cell would miss by 0.125.
    expect(Math.abs(middle(0) - 1)).toBeLessThan(0.06);
    expect(Math.abs(middle(1))).toBeLessThan(0.06);
  });

  it('draws two islands as two rings', () => {
    const [xs, ys] = gaussianPairs(4, 10_000, 0.2, 0.2, 0);
    const apart = xs.map((x, i) => x + (i % 2 === 0 ? -2 : 2));
    const [contour] = massContours(kernelDensity2d(apart, ys, { x: [-3, 3], y: [-1, 1] }), [0.68]);
    expect(contour.rings.length).toBe(2);
  });
});
