import { NumericalError } from '@lensfield/kernels';
import { evaluateSeptic, type Jet3 } from './_septic.ts';
import { type GaussianVarianceTable, MIN_LOG_RADIUS, RADIUS_SPACING } from './gaussian-variance-table.ts';
import type { Growth } from './growth.ts';
import { SHAPE_PARAMETERS } from './linear-power-table.ts';
import { type Cosmology, NUM_PARAMETERS, OMEGA_B, OMEGA_C, SIGMA_8, W_0 } from './parameters.ts';

/**
 * Where the density becomes non-linear, at n redshifts: ln R with sigma_G(R) D = 1, n_eff and C there, each with derivatives [n, 6].
 * `hasScale` is 0 where no R above 3e-4 Mpc/h qualifies; the other entries are then those of the first radius.
 */
export interface NonlinearScale {
  readonly hasScale: Uint8Array;
  readonly logRadius: Float64Array;
  readonly logRadiusBy: Float64Array;
  readonly slope: Float64Array;
  readonly slopeBy: Float64Array;
  readonly curvature: Float64Array;
  readonly curvatureBy: Float64Array;
}

export function createNonlinearScalePlan(numRedshifts: number) {
  const n = numRedshifts;
  const allocate = (size: number) => new Float64Array(size);
  const scale: NonlinearScale = {
    hasScale: new Uint8Array(n),
    logRadius: allocate(n),
    logRadiusBy: allocate(n * NUM_PARAMETERS),
    slope: allocate(n),
    slopeBy: allocate(n * NUM_PARAMETERS),
    curvature: allocate(n),
    curvatureBy: allocate(n * NUM_PARAMETERS),
  };
  const jet: Jet3 = { value: 0, slope: 0, curvature: 0, third: 0 };
  const partial: Jet3 = { value: 0, slope: 0, curvature: 0, third: 0 };

  /** Explicit derivatives of ln sigma^2 + 2 ln D, of its slope and of its curvature at fixed R, then the motion of the root. */
  const differentiate = (
    s: number,
    cell: number,
    u: number,
    table: GaussianVarianceTable,
    cosmology: Cosmology,
    { logGrowth }: Growth,
  ) => {
    const { numRadii } = table;
    const at = s * NUM_PARAMETERS;
    const by = (p: number) => {
      if (p === SIGMA_8) return 2 / cosmology.sigma8;
      if (p === W_0) return 2 * logGrowth.byW0[s];
      return p === OMEGA_C || p === OMEGA_B ? 2 * logGrowth.byOmegaM[s] : 0;
    };
    for (let p = 0; p < NUM_PARAMETERS; p++) {
      const d = SHAPE_PARAMETERS.indexOf(p as (typeof SHAPE_PARAMETERS)[number]);
      partial.value = partial.slope = partial.curvature = 0;
      if (d >= 0) {
        evaluateSeptic(table, (d + 1) * numRadii + cell, RADIUS_SPACING, u, partial);
      }
      const moves = scale.hasScale[s] === 1 ? -(partial.value + by(p)) / jet.slope : 0;
      scale.logRadiusBy[at + p] = moves;
      scale.slopeBy[at + p] = -(partial.slope + jet.curvature * moves);
      scale.curvatureBy[at + p] = -(partial.curvature + jet.third * moves);
    }
  };

  const evaluate = (table: GaussianVarianceTable, growth: Growth, cosmology: Cosmology): NonlinearScale => {
    const { value, numRadii } = table;
    for (let s = 0; s < n; s++) {
      const wanted = -2 * (Math.log(cosmology.sigma8) + growth.logGrowth.value[s]);
      let cell = 0;
      while (cell < numRadii - 2 && value[cell + 1] > wanted) cell++;
      if (!(value[cell + 1] <= wanted)) {
        throw new NumericalError(
          'k_sigma',
          `cosmology.halofit: the scale of unit variance must be below ${Math.exp(MIN_LOG_RADIUS + (numRadii - 1) * RADIUS_SPACING).toFixed(0)} Mpc/h; got a larger or NaN one. Lower sigma_8 or raise n_s.`,
        );
      }
      scale.hasScale[s] = value[0] >= wanted ? 1 : 0;
      let u = (value[cell] - wanted) / (value[cell] - value[cell + 1]);
      if (scale.hasScale[s] === 0) u = 0;
      evaluateSeptic(table, cell, RADIUS_SPACING, u, jet);
      for (let i = 0; i < 6 && scale.hasScale[s] === 1; i++) {
        const step = (jet.value - wanted) / (jet.slope * RADIUS_SPACING);
        u -= step;
        evaluateSeptic(table, cell, RADIUS_SPACING, u, jet);
        if (Math.abs(step) < 1e-9) break;
      }
      scale.logRadius[s] = MIN_LOG_RADIUS + (cell + u) * RADIUS_SPACING;
      scale.slope[s] = -3 - jet.slope;
      scale.curvature[s] = -jet.curvature;
      differentiate(s, cell, u, table, cosmology, growth);
    }
    return scale;
  };
  return { evaluate };
}
