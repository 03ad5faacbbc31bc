import type { Background } from './background.ts';
import { allocateBackgroundQuantity, type BackgroundQuantity } from './background-quantity.ts';
import type { LineOfSight } from './line-of-sight.ts';
import { type Cosmology, HUBBLE_DISTANCE_MPC_PER_H, omegaM } from './parameters.ts';

const PARTS = ['value', 'byOmegaM', 'byW0'] as const;

/** Knots in front of a slice that matter behind it: a spline forgets by a factor of 3.7 a knot, 1e-9 over these. */
const SPLINE_REACH = 16;

/** Lensing efficiencies of every bin on the slices; overwritten by the next evaluation. */
export interface LensingKernels {
  /** q_i / chi = 3/2 omega_m / R_H^2 (1 + z) int_chi dchi' n_i(chi') (chi' - chi) / chi', (h/Mpc)^2; shape [numBins, numSlices]. */
  readonly efficiency: BackgroundQuantity;
  /** weight dchi / dln(1 + z) of the slices, Mpc/h; shape [numSlices]. */
  readonly thickness: BackgroundQuantity;
}

export function createLensingKernelPlan(line: LineOfSight) {
  const n = line.redshift.length;
  const efficiency = allocateBackgroundQuantity(line.numBins * n);
  const thickness = allocateBackgroundQuantity(n);
  const logZ = line.redshift.map(Math.log1p);
  // ln(1 + z) / chi at z = 0 and on the slices
  const ratio = allocateBackgroundQuantity(n + 1);
  ratio.value[0] = 1 / HUBBLE_DISTANCE_MPC_PER_H;
  const kernels: LensingKernels = { efficiency, thickness };

  const fillThickness = ({ hubbleRatio }: Background) => {
    for (let s = 0; s < n; s++) {
      const e = hubbleRatio.value[s];
      const t = (line.weights[s] * HUBBLE_DISTANCE_MPC_PER_H * (1 + line.redshift[s])) / e;
      thickness.value[s] = t;
      thickness.byOmegaM[s] = (-t * hubbleRatio.byOmegaM[s]) / e;
      thickness.byW0[s] = (-t * hubbleRatio.byW0[s]) / e;
    }
  };

  /** Sum over the knots of row (i, s) of `inverseDistance` with the ratio or its derivative. */
  const inverseDistanceBehind = (row: number, part: Float64Array) => {
    let sum = 0;
    const first = row * (n + 1);
    for (let t = Math.max(0, (row % n) - SPLINE_REACH); t <= n; t++) {
      sum += line.inverseDistance[first + t] * part[t];
    }
    return sum;
  };

  const evaluate = (cosmology: Cosmology, background: Background): LensingKernels => {
    const chi = background.comovingDistance;
    fillThickness(background);
    for (let s = 0; s < n; s++) {
      const r = logZ[s] / chi.value[s];
      ratio.value[s + 1] = r;
      ratio.byOmegaM[s + 1] = (-r * chi.byOmegaM[s]) / chi.value[s];
      ratio.byW0[s + 1] = (-r * chi.byW0[s]) / chi.value[s];
    }
    const om = omegaM(cosmology);
    for (let i = 0; i < line.numBins; i++) {
      for (let s = 0; s < n; s++) {
        const at = i * n + s;
        const factor = (1.5 * om * (1 + line.redshift[s])) / HUBBLE_DISTANCE_MPC_PER_H ** 2;
        const beyond = inverseDistanceBehind(at, ratio.value);
        efficiency.value[at] = factor * (line.behind[at] - chi.value[s] * beyond);
        for (const part of [PARTS[1], PARTS[2]]) {
          const change = chi[part][s] * beyond + chi.value[s] * inverseDistanceBehind(at, ratio[part]);
          efficiency[part][at] = -factor * change;
        }
        efficiency.byOmegaM[at] += efficiency.value[at] / om;
      }
    }
    return kernels;
  };
  return { evaluate };
}
