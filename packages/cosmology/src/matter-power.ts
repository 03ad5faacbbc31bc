import { InvalidArgumentError } from '@lensfield/kernels';
import { checkRedshifts } from './background.ts';
import { createLimberPowerPlan } from './limber-power.ts';
import { JET } from './limber-slice.ts';
import { createMatterPlan, type MatterOptions } from './matter-tables.ts';
import { type Cosmology, NUM_PARAMETERS } from './parameters.ts';

export interface MatterPower {
  /** (Mpc/h)^3, shape [numRedshifts, numK]. */
  readonly values: Float64Array;
  /** Shape [6, numRedshifts, numK]. */
  readonly jacobian: Float64Array;
}

export interface MatterPowerOptions extends MatterOptions {
  /** Ascending redshifts; default [0]. */
  readonly redshift?: ArrayLike<number>;
}

function matterPower(
  name: 'linearPower' | 'nonlinearPower',
  cosmology: Cosmology,
  kHPerMpc: ArrayLike<number>,
  options: MatterPowerOptions,
): MatterPower {
  const k = Float64Array.from(kHPerMpc);
  const wrong = k.find((x) => !(x >= 1e-5 && x <= 2.5e4));
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      'kHPerMpc',
      `cosmology.${name}: kHPerMpc must lie between 1e-5 and 2.5e4 h/Mpc; got ${wrong}. Leave out wave numbers beyond.`,
    );
  }
  const z = checkRedshifts(name, options.redshift ?? [0]);
  const { linear, growth, halofit } = createMatterPlan(z, options).evaluate(cosmology);
  const power = createLimberPowerPlan(k, z.length).evaluate({ cosmology, linear, growth, halofit });
  const points = name === 'linearPower' ? power.linear : power.nonlinear;
  const values = new Float64Array(z.length * k.length);
  const jacobian = new Float64Array(NUM_PARAMETERS * values.length);
  for (let s = 0; s < z.length; s++) {
    for (let e = 0; e < k.length; e++) {
      const at = (e * z.length + s) * JET;
      const volume = (2 * Math.PI * Math.PI) / k[e] ** 3;
      values[s * k.length + e] = volume * points[at];
      for (let p = 0; p < NUM_PARAMETERS; p++) {
        jacobian[p * values.length + s * k.length + e] = volume * points[at + 1 + p];
      }
    }
  }
  return { values, jacobian };
}

/**
 * Linear matter power spectrum with the wiggles of Eisenstein and Hu (1998), T_CMB = 2.7255 K, normalised to sigma_8.
 *
 * @param kHPerMpc  Wave numbers in h/Mpc, shape [numK], from 1e-5 to 2.5e4.
 * @throws {InvalidArgumentError} if a wave number, redshift or parameter is out of range.
 *
 * Accuracy: 4e-4 of CCL (wiggles at k = 0.02 to 0.15; 5e-5 elsewhere; test/matter-power.test.ts).
 */
export function linearPower(
  cosmology: Cosmology,
  kHPerMpc: ArrayLike<number>,
  options: MatterPowerOptions = {},
): MatterPower {
  return matterPower('linearPower', cosmology, kHPerMpc, options);
}

/**
 * Non-linear matter power spectrum: halofit of Takahashi et al. (2012, ApJ 761, 152). Where sigma_G(R) D = 1 has no solution above
 * R = 3e-4 Mpc/h it is the linear spectrum, which it approaches smoothly over the factor of two in R above that.
 *
 * @param kHPerMpc  Wave numbers in h/Mpc, shape [numK], from 1e-5 to 2.5e4.
 * @throws {InvalidArgumentError} if a wave number, redshift or parameter is out of range.
 * @throws {NumericalError} if the scale of unit variance is above 600 Mpc/h.
 *
 * Accuracy: 1e-3 of CCL (1.5e-3 for k > 10 h/Mpc at z = 3; test/matter-power.test.ts).
 */
export function nonlinearPower(
  cosmology: Cosmology,
  kHPerMpc: ArrayLike<number>,
  options: MatterPowerOptions = {},
): MatterPower {
  return matterPower('nonlinearPower', cosmology, kHPerMpc, options);
}
