import { NUM_PARAMETERS, OMEGA_B, OMEGA_C, W_0 } from './parameters.ts';

/**
 * A quantity on n nodes that depends on the expansion alone, with its derivatives in the only two parameters that the expansion of a
 * flat universe has (distances are in Mpc/h, so that h drops out).
 */
export interface BackgroundQuantity {
  readonly value: Float64Array;
  /** Derivative in omega_m = omega_c + omega_b. */
  readonly byOmegaM: Float64Array;
  readonly byW0: Float64Array;
}

export function allocateBackgroundQuantity(n: number): BackgroundQuantity {
  return { value: new Float64Array(n), byOmegaM: new Float64Array(n), byW0: new Float64Array(n) };
}

/** Jacobian in all six parameters, shape [6, n]. */
export function backgroundJacobian({ byOmegaM, byW0 }: BackgroundQuantity): Float64Array {
  const n = byW0.length;
  const jacobian = new Float64Array(NUM_PARAMETERS * n);
  jacobian.set(byOmegaM, OMEGA_C * n);
  jacobian.set(byOmegaM, OMEGA_B * n);
  jacobian.set(byW0, W_0 * n);
  return jacobian;
}
