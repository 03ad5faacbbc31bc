import { readFileSync } from 'node:fs';
import { smailDistribution, tabulatedDistribution, tomographicBins } from '@lensfield/cosmology';
import { InvalidArgumentError, logGamma } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { discRadius } from '../src/shift/shift-plan.ts';
import { createSpectraAndShifts } from '../src/shift/spectra-and-shifts.ts';
import { windowWeights } from '../src/shift/window-weights.ts';

interface Moments {
  readonly m2: number[];
  readonly m3: number[];
  readonly shift: number[];
}

const checks: {
  readonly points: {
    readonly parameters: Record<'Omega_c' | 'Omega_b' | 'sigma8' | 'h' | 'n_s' | 'w0', number>;
    readonly pixel_arcmin: number;
    readonly standard: Moments;
    readonly table_compatible: Moments;
  }[];
} = JSON.parse(
  readFileSync(new URL('./fixtures/shift/lognormal-shift-checks.json', import.meta.url), 'utf8'),
);

const { bins } = tomographicBins(smailDistribution({ z0: 0.11, alpha: 2, beta: 0.68 }), { numBins: 5 });
const ell = Array.from({ length: 24 }, (_, i) => 36 * (6517 / 36) ** (i / 23));

function worst(values: ArrayLike<number>, truth: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < truth.length; i++) largest = Math.max(largest, Math.abs(values[i]! / truth[i]! - 1));
  return largest;
}

describe('shifts of log-normal fields', () => {
  const histogramZ = Float64Array.from({ length: 1024 }, (_, i) => (5 * i) / 1023);
  const histograms = bins.map((bin) =>
    tabulatedDistribution(histogramZ, histogramZ.map(bin.density), { between: 'histogram' }),
  );

  it.each(checks.points)('agree with independent quadrature, pixel $pixel_arcmin, $parameters', (point) => {
    const { Omega_c, Omega_b, sigma8, h, n_s, w0 } = point.parameters;
    const theta = [Omega_c, Omega_b, sigma8, h, n_s, w0];
    const common = { ell, pixelSizeArcmin: point.pixel_arcmin };
    const standard = createSpectraAndShifts({ ...common, bins }).evaluate(theta).shifts;
    // Bar 1e-3; measured 1e-5 for shifts and 5e-5 for moments.
    expect(worst(standard.values, point.standard.shift)).toBeLessThan(3e-5);
    expect(worst(standard.secondMoment, point.standard.m2)).toBeLessThan(1e-4);
    expect(worst(standard.thirdMoment, point.standard.m3)).toBeLessThan(1e-4);
    const table = createSpectraAndShifts({ ...common, bins: histograms, halofit: 'cosmomentum' });
    const compatible = table.evaluate(theta).shifts;
    expect(worst(compatible.values, point.table_compatible.shift)).toBeLessThan(3e-5);
    expect(worst(compatible.secondMoment, point.table_compatible.m2)).toBeLessThan(1e-4);
    expect(worst(compatible.thirdMoment, point.table_compatible.m3)).toBeLessThan(1e-4);
  });

  it('have an exact Jacobian', () => {
    const engine = createSpectraAndShifts({ bins, ell, pixelSizeArcmin: 2.34375 });
    for (const theta of [
      [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1],
      [0.1967, 0.0521, 0.9565, 0.74, 0.8114, -1.3776],
      [0.6, 0.03, 0.35, 0.8, 1.2, -0.31],
    ]) {
      const jacobian = engine.evaluate(theta).shifts.jacobian.slice();
      for (let p = 0; p < 6; p++) {
        const central = (h: number) => {
          const at = (x: number) =>
            engine.evaluate(theta.map((value, i) => (i === p ? value + x : value))).shifts.values.slice();
          const [above, below] = [at(h), at(-h)];
          return above.map((value, i) => (value - below[i]!) / (2 * h));
        };
        const step = 1e-3 * Math.max(0.2, Math.abs(theta[p]!));
        const [coarse, fine] = [central(step), central(step / 2)];
        for (let bin = 0; bin < 5; bin++) {
          const richardson = (4 * fine[bin]! - coarse[bin]!) / 3;
          // Bar 1e-5; measured 1e-9, where rounding of differences begins.
          expect(Math.abs(jacobian[5 * p + bin]! / richardson - 1)).toBeLessThan(1e-6);
        }
      }
    }
  });

  it('do not depend on the multipoles that were asked for', () => {
    const theta = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];
    const shiftsFor = (multipoles: number[]) =>
      createSpectraAndShifts({ bins, ell: multipoles, pixelSizeArcmin: 2.34375 }).evaluate(theta).shifts
        .values;
    expect(worst(shiftsFor([100]), shiftsFor(ell))).toBeLessThan(2e-5);
    expect(worst(shiftsFor([20, 9000, 300, 301]), shiftsFor(ell))).toBeLessThan(2e-5);
  });

  it('refuse a pixel without size', () => {
    expect(() => createSpectraAndShifts({ bins, ell, pixelSizeArcmin: 0 })).toThrow(InvalidArgumentError);
  });
});

const gamma = (x: number) => Math.exp(logGamma(x));

describe('windowWeights', () => {
  it('integrate a power law against the window of a disc', () => {
    // Delta2 = x^1.5, x = wave angle, gives angle int dx x^(-1/2) W^2 with W^2 = 4 J1^2 / x^2. Gradshteyn and Ryzhik 6.574.2:
    // int J1^2 x^-p dx = Gamma(p) Gamma((3 - p) / 2) / (2^p Gamma((1 + p) / 2)^2 Gamma((3 + p) / 2)), here p = 5/2.
    const angle = discRadius(2.34375);
    const lowest = 1e-5;
    const waves = Float64Array.from({ length: 70 }, (_, i) => (lowest / angle) * 1e7 ** (i / 69));
    const { variance, slope } = windowWeights(waves, angle);
    const sumOf = (weights: Float64Array) =>
      waves.reduce((total, wave, e) => total + weights[e]! * (wave * angle) ** 1.5, 0) / angle;
    const exact = (4 * gamma(2.5) * gamma(0.25)) / (2 ** 2.5 * gamma(1.75) ** 2 * gamma(2.75));
    // Below the first wave W is 1; beyond the last, x = 100, lies 2e-6 of the integral.
    expect(Math.abs((sumOf(variance) + 2 * Math.sqrt(lowest)) / exact - 1)).toBeLessThan(5e-6);
    // A power law in x: the integral goes with angle^(-1/2), so its slope in ln angle is minus one half of it (W J2 ends later than W^2).
    expect(Math.abs(sumOf(slope) / (-0.5 * exact) - 1)).toBeLessThan(5e-5);
  });
});
