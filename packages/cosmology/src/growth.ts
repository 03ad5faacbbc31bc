import { checkRedshifts, darkEnergyDensity } from './background.ts';
import {
  allocateBackgroundQuantity,
  type BackgroundQuantity,
  backgroundJacobian,
} from './background-quantity.ts';
import { type Cosmology, checkCosmology, omegaM } from './parameters.ts';

/** Start of the integration: dark energy is below 1e-7 of matter there for w = -0.3. */
const FIRST_LOG_A = -20;
/** Widest steps of the Runge-Kutta scheme before ln a = -8, before -2.5 and after it; halving them moves D by less than 1e-6. */
const STEPS = [
  { until: -8, width: 0.6 },
  { until: -2.5, width: 0.15 },
  { until: 0, width: 0.06 },
] as const;

/** Linear and second-order growth on fixed redshifts; overwritten by the next evaluation of the plan that owns it. */
export interface Growth {
  /** ln D, with D = 1 today. */
  readonly logGrowth: BackgroundQuantity;
  /** dln D / dln a. */
  readonly growthRate: BackgroundQuantity;
  /** F / D^2 of the second-order growth F; 3/7 in an Einstein-de Sitter universe. */
  readonly secondOrderRatio: BackgroundQuantity;
}

export interface GrowthPlan {
  readonly redshift: Float64Array;
  evaluate(cosmology: Cosmology): Growth;
}

/** Nodes of the integration, ascending in ln a and ending today; `outputs[i]` is the index in `redshift` of node i, or -1. */
function stepNodes(redshift: Float64Array): { logA: Float64Array; outputs: Int32Array } {
  const logA = [FIRST_LOG_A];
  const outputs = [-1];
  const advance = (target: number) => {
    for (const { until, width } of STEPS) {
      const start = logA[logA.length - 1];
      const end = Math.min(until, target);
      const count = Math.ceil((end - start) / width - 1e-9);
      for (let i = 1; i <= count; i++) {
        logA.push(start + ((end - start) * i) / count);
        outputs.push(-1);
      }
    }
  };
  for (let s = redshift.length - 1; s >= 0; s--) {
    const target = -Math.log1p(redshift[s]);
    advance(target);
    // Equal redshifts: a step of no width.
    if (outputs[outputs.length - 1] >= 0) {
      logA.push(target);
      outputs.push(-1);
    }
    outputs[outputs.length - 1] = s;
  }
  advance(0);
  return { logA: Float64Array.from(logA), outputs: Int32Array.from(outputs) };
}

/**
 * Coefficients of the growth equations at one time, as [value, by omega_m, by w_0] triples: with u the share of dark energy and w its
 * equation of state,
 *   g'' + (5/2 - 3/2 w u) g' + 3/2 (1 - w) u g = 0                               for D = a g,
 *   f'' + (9/2 - 3/2 w u) f' + (7/2 - 3 w u + 3/2 u) f = 3/2 (1 - u) g^2          for F = a^2 f,
 * primes being d/dln a. Only u and the product w u enter: out = [u, (w u)] triples.
 */
function coefficients(cosmology: Cosmology, logA: number, out: Float64Array): void {
  const om = omegaM(cosmology);
  const wa = cosmology.wa ?? 0;
  const perMatter = Math.exp(3 * logA) * darkEnergyDensity(logA, cosmology.w0, wa);
  const ratio = ((1 - om) / om) * perMatter;
  const w = wa === 0 ? cosmology.w0 : cosmology.w0 + wa * (1 - Math.exp(logA));
  const squared = (1 + ratio) * (1 + ratio);
  out[0] = ratio / (1 + ratio);
  out[1] = -perMatter / (om * om * squared);
  out[2] = (-3 * logA * ratio) / squared;
  out[3] = w * out[0];
  out[4] = w * out[1];
  out[5] = w * out[2] + out[0];
}

/** Right-hand side for the state [g, g', f, f'] and its derivatives in omega_m and w_0, 12 numbers. */
function rightHandSide(c: Float64Array, y: Float64Array, out: Float64Array): void {
  const [u, wu] = [c[0], c[3]];
  const g1 = 2.5 - 1.5 * wu;
  const g0 = 1.5 * (u - wu);
  const f0 = 3.5 - 3 * wu + 1.5 * u;
  const source = 1.5 * (1 - u);
  out[0] = y[1];
  out[1] = -g1 * y[1] - g0 * y[0];
  out[2] = y[3];
  out[3] = -(2 + g1) * y[3] - f0 * y[2] + source * y[0] * y[0];
  for (let d = 1; d < 3; d++) {
    const i = 4 * d;
    const du = c[d];
    const dwu = c[3 + d];
    out[i] = y[i + 1];
    out[i + 1] = -g1 * y[i + 1] - g0 * y[i] + 1.5 * dwu * y[1] - 1.5 * (du - dwu) * y[0];
    out[i + 2] = y[i + 3];
    out[i + 3] =
      -(2 + g1) * y[i + 3] -
      f0 * y[i + 2] +
      1.5 * dwu * y[3] +
      (3 * dwu - 1.5 * du) * y[2] +
      (2 * source * y[i] - 1.5 * du * y[0]) * y[0];
  }
}

function createRungeKutta() {
  const slopes = [0, 1, 2, 3].map(() => new Float64Array(12));
  const trial = new Float64Array(12);
  let [atStart, atMiddle, atEnd] = [0, 1, 2].map(() => new Float64Array(6));
  const move = (y: Float64Array, slope: Float64Array, width: number) => {
    for (let i = 0; i < 12; i++) trial[i] = y[i] + width * slope[i];
  };
  /** One classical step of order four, in place. `isNext`: it begins where the last one ended. */
  return (cosmology: Cosmology, y: Float64Array, from: number, to: number, isNext: boolean) => {
    const width = to - from;
    if (isNext) [atStart, atEnd] = [atEnd, atStart];
    else coefficients(cosmology, from, atStart);
    coefficients(cosmology, (from + to) / 2, atMiddle);
    coefficients(cosmology, to, atEnd);
    rightHandSide(atStart, y, slopes[0]);
    move(y, slopes[0], width / 2);
    rightHandSide(atMiddle, trial, slopes[1]);
    move(y, slopes[1], width / 2);
    rightHandSide(atMiddle, trial, slopes[2]);
    move(y, slopes[2], width);
    rightHandSide(atEnd, trial, slopes[3]);
    for (let i = 0; i < 12; i++) {
      y[i] += (width / 6) * (slopes[0][i] + 2 * (slopes[1][i] + slopes[2][i]) + slopes[3][i]);
    }
  };
}

/** Everything about a set of redshifts (ascending) that does not depend on the cosmology. */
export function createGrowthPlan(redshift: Float64Array): GrowthPlan {
  const { logA, outputs } = stepNodes(redshift);
  const n = redshift.length;
  const step = createRungeKutta();
  const state = new Float64Array(12);
  const logGrowth = allocateBackgroundQuantity(n);
  const growthRate = allocateBackgroundQuantity(n);
  const secondOrderRatio = allocateBackgroundQuantity(n);
  const parts = ['value', 'byOmegaM', 'byW0'] as const;

  const record = (s: number, at: number) => {
    const [g, slope, f] = state;
    logGrowth.value[s] = at + Math.log(g);
    growthRate.value[s] = 1 + slope / g;
    secondOrderRatio.value[s] = f / (g * g);
    for (let d = 1; d < 3; d++) {
      const change = state[4 * d] / g;
      logGrowth[parts[d]][s] = change;
      growthRate[parts[d]][s] = state[4 * d + 1] / g - (slope / g) * change;
      secondOrderRatio[parts[d]][s] = (state[4 * d + 2] - 2 * f * change) / (g * g);
    }
  };

  const evaluate = (cosmology: Cosmology): Growth => {
    state.fill(0);
    state[0] = 1;
    state[2] = 3 / 7;
    for (let i = 1; i < logA.length; i++) {
      if (logA[i] > logA[i - 1]) step(cosmology, state, logA[i - 1], logA[i], i > 1);
      if (outputs[i] >= 0) record(outputs[i], logA[i]);
    }
    for (let d = 0; d < 3; d++) {
      const today = d === 0 ? Math.log(state[0]) : state[4 * d] / state[0];
      for (let s = 0; s < n; s++) logGrowth[parts[d]][s] -= today;
    }
    return { logGrowth, growthRate, secondOrderRatio };
  };
  return { redshift, evaluate };
}

export interface GrowthTable {
  readonly redshift: Float64Array;
  /** D(z) / D(0), shape [n]; Jacobian [6, n]. */
  readonly growthFactor: Float64Array;
  readonly growthFactorJacobian: Float64Array;
  /** dln D / dln a, shape [n]; Jacobian [6, n]. */
  readonly growthRate: Float64Array;
  readonly growthRateJacobian: Float64Array;
  /** F / D^2 of the second-order growth (3/7 in Einstein-de Sitter), shape [n]; Jacobian [6, n]. */
  readonly secondOrderRatio: Float64Array;
  readonly secondOrderRatioJacobian: Float64Array;
}

/**
 * Linear and second-order growth of structure with their Jacobian in the six parameters.
 *
 * @param redshift  Ascending, not negative; shape [n].
 * @throws {InvalidArgumentError} if the redshifts or the parameters are not physical.
 *
 * Accuracy: 1e-6 of CCL for D and its rate (test/growth.test.ts).
 * Source: D'' + Q D' = 3/2 Omega_m(a) D and F'' + Q F' - 3/2 Omega_m(a) F = 3/2 Omega_m(a) D^2, Q = 2 + dln E/dln a, integrated with
 * their sensitivities as D/a and F/a^2 (Bernardeau et al. 2002, Phys. Rep. 367, 1, section 2.4).
 */
export function growthTable(cosmology: Cosmology, redshift: ArrayLike<number>): GrowthTable {
  checkCosmology(cosmology);
  const z = checkRedshifts('growthTable', redshift);
  const { logGrowth, growthRate, secondOrderRatio } = createGrowthPlan(z).evaluate(cosmology);
  const growthFactor = logGrowth.value.map(Math.exp);
  const jacobian = backgroundJacobian(logGrowth);
  return {
    redshift: z,
    growthFactor,
    growthFactorJacobian: jacobian.map((slope, i) => slope * growthFactor[i % z.length]),
    growthRate: growthRate.value,
    growthRateJacobian: backgroundJacobian(growthRate),
    secondOrderRatio: secondOrderRatio.value,
    secondOrderRatioJacobian: backgroundJacobian(secondOrderRatio),
  };
}
