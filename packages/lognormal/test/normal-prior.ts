import type { Prior } from '@lensfield/contracts';
import { FIDUCIAL_PARAMETERS } from '../src/index.ts';

/** Standard deviations of the prior below. */
export const SPREAD: Readonly<Record<string, number>> = {
  omega_c: 0.05,
  omega_b: 0.006,
  sigma_8: 0.1,
  h_0: 0.06,
  n_s: 0.08,
  w_0: 0.2,
};

/** Independent normals, sheared so that the Jacobian is not diagonal: theta = mean + spread (u_i + u_(i-1) / 4). */
export function normalPrior(names: readonly string[]): Prior {
  const n = names.length;
  const mean = names.map((name) => FIDUCIAL_PARAMETERS[name as 'w_0']);
  const spread = names.map((name) => SPREAD[name]!);
  const jacobian = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    jacobian[i * n + i] = spread[i]!;
    if (i > 0) jacobian[i * n + i - 1] = spread[i]! / 4;
  }
  return {
    names,
    bounds: names.map(() => [-Infinity, Infinity] as const),
    sample: () => ({ shape: [0, n], data: new Float64Array(0) }),
    logProb: () => 0,
    toUnconstrained(theta) {
      const u = new Float64Array(n);
      for (let i = 0; i < n; i++) u[i] = (theta[i]! - mean[i]!) / spread[i]! - (i > 0 ? u[i - 1]! / 4 : 0);
      return u;
    },
    fromUnconstrained: (u) => ({
      theta: Float64Array.from(mean, (m, i) => m + spread[i]! * (u[i]! + (i > 0 ? u[i - 1]! / 4 : 0))),
      jacobian,
      logJacobian: spread.reduce((sum, s) => sum + Math.log(s), 0),
    }),
  };
}
