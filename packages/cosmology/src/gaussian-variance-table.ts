import type { NodeJets } from './_septic.ts';
import type { WarpedGrid } from './_warped-spline.ts';
import { type LinearPowerTable, SHAPE_PARAMETERS } from './linear-power-table.ts';

/** ln R of the first node (R in Mpc/h): halofit looks for no scale below it. */
export const MIN_LOG_RADIUS = Math.log(3e-4);
/** Nodes up to 490 Mpc/h; with three derivatives at each, ln sigma^2 and its curvature are right to 1e-6 between them. */
const NUM_RADII = 27;
export const RADIUS_SPACING = 0.55;
/** exp(-y^2) is below 1e-18 from here on. */
const CUTOFF_Y = 6.5;

const NUM_MOMENTS = 4;
const NUM_SHAPE = SHAPE_PARAMETERS.length;

/**
 * ln sigma_G^2 of the Gaussian-filtered linear density over ln R, for sigma_8 D = 1, and its derivatives in ln R. Five functions of
 * `numRadii` nodes each: ln sigma_G^2 itself, then its derivatives in {@link SHAPE_PARAMETERS}.
 */
export interface GaussianVarianceTable extends NodeJets {
  readonly numRadii: number;
}

/** Moments of exp(-y^2), y = k R, that give the variance and three derivatives in ln R; shape [NUM_RADII, NUM_MOMENTS, nodes]. */
function momentWeights({ logK, weights }: WarpedGrid): { moments: Float64Array; used: Int32Array } {
  const n = logK.length;
  const moments = new Float64Array(NUM_RADII * NUM_MOMENTS * n);
  const used = new Int32Array(NUM_RADII);
  for (let m = 0; m < NUM_RADII; m++) {
    const logR = MIN_LOG_RADIUS + m * RADIUS_SPACING;
    for (let j = 0; j < n; j++) {
      const y2 = Math.exp(2 * (logK[j] + logR));
      if (y2 > CUTOFF_Y * CUTOFF_Y) break;
      const filter = Math.exp(-y2) * weights[j];
      const at = m * NUM_MOMENTS * n + j;
      moments[at] = filter;
      moments[at + n] = -2 * y2 * filter;
      moments[at + 2 * n] = 4 * y2 * (y2 - 1) * filter;
      moments[at + 3 * n] = -8 * y2 * (1 - y2 * (3 - y2)) * filter;
      used[m] = j + 1;
    }
  }
  return { moments, used };
}

/** The table's plan on the nodes of the linear spectrum. */
export function createGaussianVariancePlan(grid: WarpedGrid) {
  const n = grid.logK.length;
  const { moments, used } = momentWeights(grid);
  const allocate = () => new Float64Array((1 + NUM_SHAPE) * NUM_RADII);
  const table: GaussianVarianceTable = {
    value: allocate(),
    slope: allocate(),
    curvature: allocate(),
    third: allocate(),
    numRadii: NUM_RADII,
  };
  const { value, slope, curvature, third } = table;
  /** Moments of the spectrum at one radius, and of its derivatives: shape [5, NUM_MOMENTS]. */
  const v = new Float64Array((1 + NUM_SHAPE) * NUM_MOMENTS);

  /** Derivatives of ln sigma^2 in ln R, then their derivatives in the shape parameters, from the moments `v`. */
  const record = (m: number, { logVariance, logVarianceBy }: LinearPowerTable) => {
    const [a1, a2, a3] = [v[1] / v[0], v[2] / v[0], v[3] / v[0]];
    value[m] = Math.log(v[0]) - logVariance;
    slope[m] = a1;
    curvature[m] = a2 - a1 * a1;
    third[m] = a3 - 3 * a2 * a1 + 2 * a1 * a1 * a1;
    for (let d = 1; d <= NUM_SHAPE; d++) {
      const from = d * NUM_MOMENTS;
      const share = v[from] / v[0];
      const b1 = v[from + 1] / v[0] - a1 * share;
      const b2 = v[from + 2] / v[0] - a2 * share;
      const b3 = v[from + 3] / v[0] - a3 * share;
      const at = d * NUM_RADII + m;
      value[at] = share - logVarianceBy[d - 1];
      slope[at] = b1;
      curvature[at] = b2 - 2 * a1 * b1;
      third[at] = b3 - 3 * (b2 * a1 + a2 * b1) + 6 * a1 * a1 * b1;
    }
  };

  const evaluate = (linear: LinearPowerTable): GaussianVarianceTable => {
    const { spectrum } = linear;
    for (let m = 0; m < NUM_RADII; m++) {
      const first = m * NUM_MOMENTS * n;
      for (let d = 0; d <= NUM_SHAPE; d++) {
        let v0 = 0;
        let v1 = 0;
        let v2 = 0;
        let v3 = 0;
        for (let j = 0; j < used[m]; j++) {
          const contribution = spectrum[d * n + j];
          v0 += contribution * moments[first + j];
          v1 += contribution * moments[first + n + j];
          v2 += contribution * moments[first + 2 * n + j];
          v3 += contribution * moments[first + 3 * n + j];
        }
        v[d * NUM_MOMENTS] = v0;
        v[d * NUM_MOMENTS + 1] = v1;
        v[d * NUM_MOMENTS + 2] = v2;
        v[d * NUM_MOMENTS + 3] = v3;
      }
      record(m, linear);
    }
    return table;
  };
  return { evaluate };
}
