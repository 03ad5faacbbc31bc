import type { WarpedGrid } from './_warped-spline.ts';
import { type LinearPowerTable, SHAPE_PARAMETERS } from './linear-power-table.ts';

/** ln R of the first node (R in Mpc/h): halofit looks for no scale below it. */
export const MIN_LOG_RADIUS = Math.log(3e-4);
/** Nodes and their spacing: quintic pieces are right to 1e-6 in ln sigma^2 and 1e-5 in its curvature. */
const NUM_RADII = 30;
export const RADIUS_SPACING = 0.5;
/** exp(-y^2) is below 1e-18 from here on. */
const CUTOFF_Y = 6.5;

const NUM_SHAPE = SHAPE_PARAMETERS.length;

/**
 * ln sigma_G^2 of the Gaussian-filtered linear density over ln R, for sigma_8 D = 1, with its first and second derivative in ln R;
 * each of shape [5, NUM_RADII]: the value, then derivatives in {@link SHAPE_PARAMETERS}.
 */
export interface GaussianVarianceTable {
  readonly value: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
  readonly numRadii: number;
}

/** Three moments of exp(-y^2), y = k R, that give the variance and its derivatives in ln R; shape [NUM_RADII, 3, nodes]. */
function momentWeights({ logK, weights }: WarpedGrid): { moments: Float64Array; used: Int32Array } {
  const n = logK.length;
  const moments = new Float64Array(NUM_RADII * 3 * n);
  const used = new Int32Array(NUM_RADII);
  for (let m = 0; m < NUM_RADII; m++) {
    const logR = MIN_LOG_RADIUS + m * RADIUS_SPACING;
    for (let j = 0; j < n; j++) {
      const y2 = Math.exp(2 * (logK[j] + logR));
      if (y2 > CUTOFF_Y * CUTOFF_Y) break;
      const filter = Math.exp(-y2) * weights[j];
      moments[(3 * m + 0) * n + j] = filter;
      moments[(3 * m + 1) * n + j] = -2 * y2 * filter;
      moments[(3 * m + 2) * n + j] = (4 * y2 * y2 - 4 * y2) * filter;
      used[m] = j + 1;
    }
  }
  return { moments, used };
}

/** The table's plan on the nodes of the linear spectrum. */
export function createGaussianVariancePlan(grid: WarpedGrid) {
  const n = grid.logK.length;
  const { moments, used } = momentWeights(grid);
  const table: GaussianVarianceTable = {
    value: new Float64Array((1 + NUM_SHAPE) * NUM_RADII),
    slope: new Float64Array((1 + NUM_SHAPE) * NUM_RADII),
    curvature: new Float64Array((1 + NUM_SHAPE) * NUM_RADII),
    numRadii: NUM_RADII,
  };

  /** Logarithmic derivatives from the raw moments `v0`, `v1`, `v2` of the spectrum (d = 0) or of its derivative d. */
  const record = (m: number, d: number, v0: number, v1: number, v2: number, linear: LinearPowerTable) => {
    const { value, slope, curvature } = table;
    if (d === 0) {
      value[m] = Math.log(v0) - linear.logVariance;
      slope[m] = v1 / v0;
      curvature[m] = v2 / v0 - slope[m] * slope[m];
      return;
    }
    const variance = Math.exp(value[m] + linear.logVariance);
    const at = d * NUM_RADII + m;
    const share = v0 / variance;
    value[at] = share - linear.logVarianceBy[d - 1];
    slope[at] = v1 / variance - slope[m] * share;
    const second = curvature[m] + slope[m] * slope[m];
    curvature[at] = v2 / variance - second * share - 2 * slope[m] * slope[at];
  };

  const evaluate = (linear: LinearPowerTable): GaussianVarianceTable => {
    const { spectrum } = linear;
    for (let m = 0; m < NUM_RADII; m++) {
      const first = 3 * m * n;
      for (let d = 0; d <= NUM_SHAPE; d++) {
        let v0 = 0;
        let v1 = 0;
        let v2 = 0;
        for (let j = 0; j < used[m]; j++) {
          const contribution = spectrum[d * n + j];
          v0 += contribution * moments[first + j];
          v1 += contribution * moments[first + n + j];
          v2 += contribution * moments[first + 2 * n + j];
        }
        record(m, d, v0, v1, v2, linear);
      }
    }
    return table;
  };
  return { evaluate };
}
