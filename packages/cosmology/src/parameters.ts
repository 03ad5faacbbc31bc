import { InvalidArgumentError } from '@lensfield/kernels';

/** A flat universe of matter and dark energy with w(a) = w0 + wa (1 - a); no radiation, no massive neutrinos. */
export interface Cosmology {
  /** Cold dark matter today, in units of the critical density. */
  readonly omegaC: number;
  /** Baryons today, in units of the critical density. */
  readonly omegaB: number;
  /** Standard deviation of the linear density in spheres of 8 Mpc/h today. */
  readonly sigma8: number;
  /** Hubble constant in 100 km/s/Mpc. */
  readonly h: number;
  /** Slope of the primordial spectrum. */
  readonly nS: number;
  /** Equation of state of dark energy today. */
  readonly w0: number;
  /** Its change with scale factor; 0 if left out. Held fixed: no Jacobian has a row for it. */
  readonly wa?: number;
}

/** Names and order of the parameters in every `theta` and in the rows of every Jacobian. */
export const COSMOLOGY_PARAMETERS = ['omega_c', 'omega_b', 'sigma_8', 'h_0', 'n_s', 'w_0'] as const;

export const NUM_PARAMETERS = 6;
export const OMEGA_C = 0;
export const OMEGA_B = 1;
export const SIGMA_8 = 2;
export const H_0 = 3;
export const N_S = 4;
export const W_0 = 5;

/** Temperature of the microwave background in K. */
export const T_CMB_KELVIN = 2.7255;

/** c / H0 in Mpc/h. */
export const HUBBLE_DISTANCE_MPC_PER_H = 2997.92458;

/**
 * The cosmology of a parameter vector in the order of {@link COSMOLOGY_PARAMETERS}.
 *
 * @throws {InvalidArgumentError} if `theta` has not six entries, or describes no universe (see {@link checkCosmology}).
 */
export function cosmologyOf(theta: ArrayLike<number>, { wa = 0 }: { readonly wa?: number } = {}): Cosmology {
  if (theta.length !== NUM_PARAMETERS) {
    throw new InvalidArgumentError(
      'theta',
      `cosmology.cosmologyOf: theta must have 6 entries; got ${theta.length}. Order: ${COSMOLOGY_PARAMETERS.join(', ')}.`,
    );
  }
  const [omegaC, omegaB, sigma8, h, nS, w0] = Array.from(theta);
  const cosmology = { omegaC, omegaB, sigma8, h, nS, w0, wa };
  checkCosmology(cosmology);
  return cosmology;
}

/** The parameter vector of a cosmology, shape [6]. */
export function thetaOf({ omegaC, omegaB, sigma8, h, nS, w0 }: Cosmology): Float64Array {
  return Float64Array.of(omegaC, omegaB, sigma8, h, nS, w0);
}

/** Total matter today in units of the critical density. */
export function omegaM({ omegaC, omegaB }: Cosmology): number {
  return omegaC + omegaB;
}

function refuse(name: string, rule: string, value: number): never {
  throw new InvalidArgumentError(
    name,
    `cosmology.checkCosmology: ${name} must be ${rule}; got ${value}. Restrict the prior to physical values.`,
  );
}

/**
 * Refuses parameters for which the model has no meaning: omega_c below 0, omega_b, sigma_8 or h_0 not positive, dark energy that
 * dominates early (w0 + wa at or above 0), and anything not finite.
 *
 * @throws {InvalidArgumentError} naming the parameter.
 */
export function checkCosmology({ omegaC, omegaB, sigma8, h, nS, w0, wa = 0 }: Cosmology): void {
  if (!(omegaC >= 0 && omegaC < Infinity)) refuse('omega_c', 'finite and not negative', omegaC);
  if (!(omegaB > 0 && omegaB < Infinity)) refuse('omega_b', 'finite and positive', omegaB);
  if (!(sigma8 > 0 && sigma8 < Infinity)) refuse('sigma_8', 'finite and positive', sigma8);
  if (!(h > 0 && h < Infinity)) refuse('h_0', 'finite and positive', h);
  if (!Number.isFinite(nS)) refuse('n_s', 'finite', nS);
  if (!Number.isFinite(w0) || !(w0 < 0)) refuse('w_0', 'finite and negative', w0);
  if (!Number.isFinite(wa) || !(w0 + wa < 0)) refuse('w_0 + w_a', 'finite and negative', w0 + wa);
}
