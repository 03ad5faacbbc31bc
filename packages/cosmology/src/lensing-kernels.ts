import type { Background } from './background.ts';
import { allocateBackgroundQuantity, type BackgroundQuantity } from './background-quantity.ts';
import type { LineOfSight } from './line-of-sight.ts';
import { type Cosmology, HUBBLE_DISTANCE_MPC_PER_H, omegaM } from './parameters.ts';

/** Knots in front of a slice that matter behind it: a spline forgets by a factor of 3.7 a knot, 1e-9 over these. */
const SPLINE_REACH = 16;
const FORGOTTEN = 1e-12;

/** Knots of each row (i, s) that count: none where no source is behind the slice, and not those behind all sources by as much. */
function knotsOf({ redshift, numBins, behind, inverseDistance }: LineOfSight) {
  const n = redshift.length;
  const first = new Int32Array(numBins * n);
  const end = new Int32Array(numBins * n);
  for (let row = 0; row < first.length; row++) {
    const knots = inverseDistance.subarray(row * (n + 1), (row + 1) * (n + 1)).map(Math.abs);
    const largest = Math.max(...knots);
    first[row] = Math.max(0, (row % n) - SPLINE_REACH);
    end[row] = behind[row] === 0 ? first[row] : knots.findLastIndex((w) => w > FORGOTTEN * largest) + 1;
  }
  return { first, end };
}

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

  const { first, end } = knotsOf(line);
  /** Sums over the knots of row (i, s) of `inverseDistance` with the ratio and its derivatives. */
  const beyond = new Float64Array(3);
  const sumBehind = (row: number) => {
    let value = 0;
    let byOmegaM = 0;
    let byW0 = 0;
    for (let t = first[row], at = row * (n + 1) + t; t < end[row]; t++, at++) {
      const w = line.inverseDistance[at];
      value += w * ratio.value[t];
      byOmegaM += w * ratio.byOmegaM[t];
      byW0 += w * ratio.byW0[t];
    }
    beyond[0] = value;
    beyond[1] = byOmegaM;
    beyond[2] = byW0;
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
        sumBehind(at);
        const x = chi.value[s];
        efficiency.value[at] = factor * (line.behind[at] - x * beyond[0]);
        efficiency.byOmegaM[at] = -factor * (chi.byOmegaM[s] * beyond[0] + x * beyond[1]);
        efficiency.byW0[at] = -factor * (chi.byW0[s] * beyond[0] + x * beyond[2]);
        efficiency.byOmegaM[at] += efficiency.value[at] / om;
      }
    }
    return kernels;
  };
  return { evaluate };
}
