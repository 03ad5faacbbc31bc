import { gaussLegendre, InvalidArgumentError } from '@lensfield/kernels';
import {
  allocateBackgroundQuantity,
  type BackgroundQuantity,
  backgroundJacobian,
} from './background-quantity.ts';
import { type Cosmology, checkCosmology, HUBBLE_DISTANCE_MPC_PER_H, omegaM } from './parameters.ts';

/** Widest panel in ln(1 + z) of the three-point Gauss rule; distances are then right to 1e-9. */
const PANEL_WIDTH = 0.12;

/** Expansion rate and distance on fixed redshifts; overwritten by the next evaluation of the plan that owns it. */
export interface Background {
  /** E = H / H0. */
  readonly hubbleRatio: BackgroundQuantity;
  /** Comoving distance in Mpc/h. */
  readonly comovingDistance: BackgroundQuantity;
}

export interface BackgroundPlan {
  readonly redshift: Float64Array;
  evaluate(cosmology: Cosmology): Background;
}

/** Dark energy density in units of today's. */
export function darkEnergyDensity(logA: number, w0: number, wa: number): number {
  return Math.exp(-3 * (1 + w0 + wa) * logA - (wa === 0 ? 0 : 3 * wa * (1 - Math.exp(logA))));
}

/** E and its derivatives in omega_m and w_0 at ln a = `logA`, written to `out[at]`. */
function expansion(cosmology: Cosmology, logA: number, out: BackgroundQuantity, at: number): void {
  const matter = Math.exp(-3 * logA);
  const darkEnergy = darkEnergyDensity(logA, cosmology.w0, cosmology.wa ?? 0);
  const om = omegaM(cosmology);
  const e = Math.sqrt(om * matter + (1 - om) * darkEnergy);
  out.value[at] = e;
  out.byOmegaM[at] = (matter - darkEnergy) / (2 * e);
  out.byW0[at] = (-3 * logA * (1 - om) * darkEnergy) / (2 * e);
}

/** Everything about a set of redshifts that does not depend on the cosmology. `redshift` ascends from above (or at) zero. */
export function createBackgroundPlan(redshift: Float64Array): BackgroundPlan {
  const n = redshift.length;
  const rule = gaussLegendre(3);
  const panels: { node: number; logA: number; weight: number }[] = [];
  let from = 0;
  for (let s = 0; s < n; s++) {
    const to = Math.log1p(redshift[s]);
    const pieces = Math.max(1, Math.ceil((to - from) / PANEL_WIDTH));
    const half = (to - from) / (2 * pieces);
    for (let p = 0; p < pieces; p++) {
      for (let g = 0; g < 3; g++) {
        const x = from + half * (2 * p + 1 + rule.nodes[g]);
        panels.push({
          node: s,
          logA: -x,
          weight: half * rule.weights[g] * Math.exp(x) * HUBBLE_DISTANCE_MPC_PER_H,
        });
      }
    }
    from = to;
  }
  const logA = Float64Array.from(panels, (p) => p.logA);
  const weight = Float64Array.from(panels, (p) => p.weight);
  const node = Int32Array.from(panels, (p) => p.node);
  const inside = allocateBackgroundQuantity(panels.length);
  const hubbleRatio = allocateBackgroundQuantity(n);
  const comovingDistance = allocateBackgroundQuantity(n);
  const background = { hubbleRatio, comovingDistance };

  const evaluate = (cosmology: Cosmology): Background => {
    for (let i = 0; i < logA.length; i++) expansion(cosmology, logA[i], inside, i);
    for (let s = 0; s < n; s++) expansion(cosmology, -Math.log1p(redshift[s]), hubbleRatio, s);
    let value = 0;
    let byOmegaM = 0;
    let byW0 = 0;
    for (let i = 0, s = 0; s < n; s++) {
      for (; i < logA.length && node[i] === s; i++) {
        const step = weight[i] / inside.value[i];
        value += step;
        byOmegaM -= (step * inside.byOmegaM[i]) / inside.value[i];
        byW0 -= (step * inside.byW0[i]) / inside.value[i];
      }
      comovingDistance.value[s] = value;
      comovingDistance.byOmegaM[s] = byOmegaM;
      comovingDistance.byW0[s] = byW0;
    }
    return background;
  };
  return { redshift, evaluate };
}

/** Spacing in ln a of the distance table of jax_cosmo: 256 nodes from a = 1e-3 to 1. */
const JAX_COSMO_SPACING = Math.log(1000) / 255;

/** As {@link createBackgroundPlan}, but distances are read linearly in a from the 256-node table that jax_cosmo uses. */
export function createJaxCosmoBackgroundPlan(redshift: Float64Array): BackgroundPlan {
  const farthest = redshift.length > 0 ? redshift[redshift.length - 1] : 0;
  const numNodes = Math.ceil(Math.log1p(farthest) / JAX_COSMO_SPACING) + 2;
  const table = createBackgroundPlan(
    Float64Array.from({ length: numNodes }, (_, j) => Math.expm1(j * JAX_COSMO_SPACING)),
  );
  const exact = createBackgroundPlan(redshift);
  const cell = Int32Array.from(redshift, (z) =>
    Math.min(Math.floor(Math.log1p(z) / JAX_COSMO_SPACING), numNodes - 2),
  );
  const fraction = redshift.map((z, s) => {
    const near = Math.exp(-cell[s] * JAX_COSMO_SPACING);
    const far = Math.exp(-(cell[s] + 1) * JAX_COSMO_SPACING);
    return (near - 1 / (1 + z)) / (near - far);
  });
  const comovingDistance = allocateBackgroundQuantity(redshift.length);
  const evaluate = (cosmology: Cosmology): Background => {
    const nodes = table.evaluate(cosmology).comovingDistance;
    const { hubbleRatio } = exact.evaluate(cosmology);
    for (const part of ['value', 'byOmegaM', 'byW0'] as const) {
      for (let s = 0; s < redshift.length; s++) {
        const near = nodes[part][cell[s]];
        comovingDistance[part][s] = near + fraction[s] * (nodes[part][cell[s] + 1] - near);
      }
    }
    return { hubbleRatio, comovingDistance };
  };
  return { redshift, evaluate };
}

/** Refuses redshifts that are negative, not finite or not ascending. */
export function checkRedshifts(name: string, redshift: ArrayLike<number>): Float64Array {
  const z = Float64Array.from(redshift);
  for (let i = 0; i < z.length; i++) {
    if (!(z[i] >= 0 && z[i] < Infinity) || (i > 0 && !(z[i] >= z[i - 1]))) {
      throw new InvalidArgumentError(
        'redshift',
        `cosmology.${name}: redshift must be finite, not negative and ascending; got ${z[i]} at index ${i}. Sort the redshifts.`,
      );
    }
  }
  return z;
}

export interface DistanceTable {
  readonly redshift: Float64Array;
  /** Mpc/h, shape [n]; Jacobian [6, n]. */
  readonly comovingDistance: Float64Array;
  readonly comovingDistanceJacobian: Float64Array;
  /** Mpc/h, shape [n]. */
  readonly angularDiameterDistance: Float64Array;
  /** H / H0, shape [n]; Jacobian [6, n]. */
  readonly hubbleRatio: Float64Array;
  readonly hubbleRatioJacobian: Float64Array;
}

/**
 * Distances and expansion rate with their Jacobian in the six parameters.
 *
 * @param redshift  Ascending, not negative; shape [n].
 * @throws {InvalidArgumentError} if the redshifts or the parameters are not physical.
 *
 * Accuracy: 1e-7 of CCL for distances, 5e-7 for H (test/background.test.ts). Flat, no radiation.
 */
export function distanceTable(cosmology: Cosmology, redshift: ArrayLike<number>): DistanceTable {
  checkCosmology(cosmology);
  const z = checkRedshifts('distanceTable', redshift);
  const { hubbleRatio, comovingDistance } = createBackgroundPlan(z).evaluate(cosmology);
  return {
    redshift: z,
    comovingDistance: comovingDistance.value,
    comovingDistanceJacobian: backgroundJacobian(comovingDistance),
    angularDiameterDistance: comovingDistance.value.map((chi, i) => chi / (1 + z[i])),
    hubbleRatio: hubbleRatio.value,
    hubbleRatioJacobian: backgroundJacobian(hubbleRatio),
  };
}
