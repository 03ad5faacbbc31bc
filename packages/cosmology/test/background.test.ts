import { InvalidArgumentError } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { createBackgroundPlan, createJaxCosmoBackgroundPlan } from '../src/background.ts';
import { cosmologyOf, distanceTable } from '../src/index.ts';
import { referencePoints, worst, worstJacobianError } from './_ccl.ts';

describe('distanceTable', () => {
  it.each(referencePoints)('agrees with CCL at point $point', ({ cosmology, z, ccl }) => {
    const table = distanceTable(cosmology, z);
    // Bar 1e-5; measured 3e-8 and 4e-7, the digits of the reference's own c / H0 and radiation cut.
    expect(worst(table.comovingDistance, ccl.comoving_distance)).toBeLessThan(2e-7);
    expect(worst(table.angularDiameterDistance, ccl.angular_diameter_distance)).toBeLessThan(2e-7);
    expect(worst(table.hubbleRatio, ccl.E)).toBeLessThan(2e-6);
  });

  it('has an exact Jacobian', () => {
    for (const { theta, z, cosmology } of referencePoints) {
      const table = distanceTable(cosmology, z);
      const distance = (t: Float64Array) => distanceTable(cosmologyOf(t), z).comovingDistance.slice(1);
      const jacobian = Float64Array.from(table.comovingDistanceJacobian.filter((_, i) => i % z.length !== 0));
      expect(worstJacobianError(distance, theta, jacobian)).toBeLessThan(1e-8);
      const ratio = (t: Float64Array) => distanceTable(cosmologyOf(t), z).hubbleRatio;
      expect(worstJacobianError(ratio, theta, table.hubbleRatioJacobian)).toBeLessThan(1e-8);
    }
  });

  it('integrates an evolving equation of state', () => {
    const cosmology = { omegaC: 0.25, omegaB: 0.05, sigma8: 0.8, h: 0.7, nS: 1, w0: -0.9, wa: 0.3 };
    const rate = (z: number) => {
      const a = 1 / (1 + z);
      const dark = a ** (-3 * (1 + -0.9 + 0.3)) * Math.exp(-3 * 0.3 * (1 - a));
      return Math.sqrt(0.3 * (1 + z) ** 3 + 0.7 * dark);
    };
    let simpson = 0;
    const n = 2000;
    for (let i = 0; i <= n; i++) {
      simpson += ((i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2) * 2.5) / n / 3 / rate((2.5 * i) / n);
    }
    const [distance] = distanceTable(cosmology, [2.5]).comovingDistance;
    expect(distance / (2997.92458 * simpson) - 1).toBeLessThan(1e-9);
  });

  it('is analytic in a universe of matter alone', () => {
    const matter = { omegaC: 0.95, omegaB: 0.05, sigma8: 0.8, h: 0.7, nS: 1, w0: -1 };
    const [distance] = distanceTable(matter, [3]).comovingDistance;
    expect(distance / (2 * 2997.92458 * (1 - 1 / 2)) - 1).toBeLessThan(1e-9);
  });

  it('refuses redshifts that are negative, unordered or NaN', () => {
    const { cosmology } = referencePoints[0];
    for (const z of [[-0.1], [1, 0.5], [Number.NaN]]) {
      expect(() => distanceTable(cosmology, z)).toThrow(InvalidArgumentError);
    }
  });
});

describe('the distances of jax_cosmo', () => {
  it('come out as in its table, where they differ from correct ones', () => {
    for (const { cosmology, z, jax_cosmo, ccl } of referencePoints) {
      const plan = createJaxCosmoBackgroundPlan(Float64Array.from(z.slice(1)));
      const distance = plan.evaluate(cosmology).comovingDistance.value;
      // jax_cosmo integrates its table by fixed Runge-Kutta steps of its own; what counts is the error of interpolation, 1e-4 to 2e-3.
      expect(worst(distance, jax_cosmo.comoving_distance.slice(1))).toBeLessThan(2e-5);
      expect(worst(jax_cosmo.comoving_distance, ccl.comoving_distance)).toBeGreaterThan(2e-4);
    }
  });

  it('converge to the exact ones at the nodes of the table', () => {
    const atNode = Float64Array.of(Math.expm1((17 * Math.log(1000)) / 255));
    const { cosmology } = referencePoints[3];
    const exact = createBackgroundPlan(atNode).evaluate(cosmology).comovingDistance.value[0];
    const table = createJaxCosmoBackgroundPlan(atNode).evaluate(cosmology).comovingDistance.value[0];
    expect(Math.abs(table / exact - 1)).toBeLessThan(1e-9);
  });
});
