import { describe, expect, it } from 'vitest';
import { cosmologyOf, growthTable } from '../src/index.ts';
import { referencePoints, worst, worstJacobianError } from './_ccl.ts';

describe('growthTable', () => {
  it.each(referencePoints)('agrees with CCL at point $point', ({ cosmology, z, ccl }) => {
    const table = growthTable(cosmology, z);
    // Bar 1e-5; measured below 1e-6.
    expect(worst(table.growthFactor, ccl.growth_factor)).toBeLessThan(2e-6);
    expect(worst(table.growthRate, ccl.growth_rate)).toBeLessThan(2e-6);
  });

  it('is analytic without dark energy: D = a, f = 1, F / D^2 = 3/7', () => {
    const z = [0, 0.5, 3, 10];
    const matter = { omegaC: 0.95, omegaB: 0.05, sigma8: 0.8, h: 0.7, nS: 1, w0: -1 };
    const table = growthTable(matter, z);
    z.forEach((redshift, i) => {
      expect(table.growthFactor[i] * (1 + redshift)).toBeCloseTo(1, 12);
      expect(table.growthRate[i]).toBeCloseTo(1, 12);
      expect(table.secondOrderRatio[i]).toBeCloseTo(3 / 7, 12);
    });
  });

  it('agrees with the integral of Heath (1977) for a cosmological constant', () => {
    const om = 0.2;
    const cosmology = { omegaC: 0.15, omegaB: 0.05, sigma8: 0.8, h: 0.7, nS: 1, w0: -1 };
    const heath = (a: number) => {
      const rate = (x: number) => Math.sqrt(om * x ** -3 + 1 - om);
      let sum = 0;
      const n = 4000;
      // x = t^2, so that the integrand (x E)^-3 dx is smooth at zero; Simpson
      for (let i = 1; i <= n; i++) {
        const t = (Math.sqrt(a) * i) / n;
        sum += ((i === n ? 1 : i % 2 === 1 ? 4 : 2) * 2 * t) / (t * t * rate(t * t)) ** 3;
      }
      return (rate(a) * sum * Math.sqrt(a)) / n / 3;
    };
    const z = [0, 0.4, 1, 2.5];
    const { growthFactor } = growthTable(cosmology, z);
    z.forEach((redshift, i) => {
      expect(Math.abs(growthFactor[i] / (heath(1 / (1 + redshift)) / heath(1)) - 1)).toBeLessThan(1e-6);
    });
  });

  it('has second-order growth near the fit 3/7 Omega_m(a)^(-1/143) (Bouchet et al. 1995)', () => {
    const table = growthTable(cosmologyOf([0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1]), [0, 0.5, 1, 2]);
    [0, 0.5, 1, 2].forEach((z, i) => {
      const matter = 0.3156 * (1 + z) ** 3;
      const share = matter / (matter + 1 - 0.3156);
      // The fit is good to a few 1e-4.
      expect(Math.abs((table.secondOrderRatio[i] / (3 / 7)) * share ** (1 / 143) - 1)).toBeLessThan(5e-4);
    });
  });

  it('has a rate that is the slope of the growth factor, also with wa', () => {
    const cosmology = { omegaC: 0.25, omegaB: 0.05, sigma8: 0.8, h: 0.7, nS: 1, w0: -0.9, wa: 0.3 };
    for (const z of [0.3, 1, 4]) {
      const step = 1e-3;
      const at = [(1 + z) * Math.exp(-step) - 1, z, (1 + z) * Math.exp(step) - 1];
      const { growthFactor, growthRate } = growthTable(cosmology, at);
      const slope = Math.log(growthFactor[0] / growthFactor[2]) / (2 * step);
      // Central difference: step^2.
      expect(Math.abs(slope - growthRate[1])).toBeLessThan(1e-6);
    }
  });

  it('has an exact Jacobian', () => {
    const z = [0, 0.1, 0.7, 2, 10];
    for (const { theta, cosmology } of referencePoints) {
      const table = growthTable(cosmology, z);
      for (const key of ['growthFactor', 'growthRate', 'secondOrderRatio'] as const) {
        const f = (t: Float64Array) => growthTable(cosmologyOf(t), z)[key];
        expect(worstJacobianError(f, theta, table[`${key}Jacobian`])).toBeLessThan(1e-8);
      }
    }
  });

  it('takes equal redshifts and no redshift', () => {
    const { cosmology } = referencePoints[0];
    const { growthFactor } = growthTable(cosmology, [0, 0, 1, 1]);
    expect(growthFactor[2]).toBeCloseTo(growthFactor[3], 14);
    expect(growthFactor[0]).toBeCloseTo(1, 14);
    expect(growthTable(cosmology, []).growthFactor).toHaveLength(0);
  });
});
