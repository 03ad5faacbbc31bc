import { isLensfieldError } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { COSMOLOGY_PARAMETERS, checkCosmology, cosmologyOf, thetaOf } from '../src/index.ts';

describe('parameters', () => {
  it('go to a vector and back in the order of their names', () => {
    const theta = Float64Array.of(0.26, 0.05, 0.8, 0.7, 0.96, -0.9);
    expect(thetaOf(cosmologyOf(theta))).toEqual(theta);
    expect(COSMOLOGY_PARAMETERS).toEqual(['omega_c', 'omega_b', 'sigma_8', 'h_0', 'n_s', 'w_0']);
    expect(cosmologyOf(theta, { wa: 0.2 }).wa).toBe(0.2);
  });

  it('that dominate the early universe are refused with a remedy', () => {
    const cosmology = { omegaC: 0.26, omegaB: 0.05, sigma8: 0.8, h: 0.7, nS: 1, w0: -0.5, wa: 0.6 };
    try {
      checkCosmology(cosmology);
      expect.unreachable();
    } catch (error) {
      expect(isLensfieldError(error, 'INVALID_ARGUMENT')).toBe(true);
      expect((error as Error).message).toMatch(/w_0 \+ w_a must be .*got 0\.0999.*Restrict/);
    }
  });
});
