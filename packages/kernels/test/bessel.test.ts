import { describe, expect, it } from 'vitest';
import { besselJ0, besselJ1, besselJ2 } from '../src/bessel.ts';

/** Bessel's integral by the midpoint rule, which converges geometrically for a periodic integrand. */
function besselIntegral(order: number, x: number): number {
  const n = 2000;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const angle = ((i + 0.5) * Math.PI) / n;
    sum += Math.cos(order * angle - x * Math.sin(angle));
  }
  return sum / n;
}

describe('Bessel functions', () => {
  it.each([
    [0, besselJ0],
    [1, besselJ1],
    [2, besselJ2],
  ])('J%d agrees with its integral', (order, besselJ) => {
    for (let x = -30; x < 1000; x = x < 60 ? x + 0.173 : x * 1.13) {
      // Rounding of the 2000-term sum, and of its phase, x 1e-16.
      expect(Math.abs(besselJ(x) - besselIntegral(order, x))).toBeLessThan(3e-15 + 4e-16 * Math.abs(x));
    }
  });

  it('keeps relative accuracy near zero', () => {
    expect(besselJ2(1e-6) / 1.25e-13 - 1).toBeLessThan(1e-12);
    expect(besselJ1(1e-8) / 5e-9 - 1).toBeLessThan(1e-15);
    expect(besselJ0(0)).toBe(1);
  });

  it('has tabulated values (Abramowitz and Stegun, table 9.1)', () => {
    expect(besselJ0(1)).toBeCloseTo(0.7651976865579666, 15);
    expect(besselJ1(10)).toBeCloseTo(0.04347274616886144, 15);
    expect(besselJ2(40)).toBeCloseTo(besselJ1(40) / 20 - besselJ0(40), 15);
    expect(besselJ0(Number.NaN)).toBeNaN();
  });
});
