import { locateNode } from './_warped-spline.ts';
import type { Background } from './background.ts';
import type { Growth } from './growth.ts';
import {
  ALPHA,
  BETA,
  BLEND,
  F2,
  GAMMA,
  type HalofitCoefficients,
  LOG_A,
  LOG_B,
  LOG_C,
  LOG_NU,
  LOG_RADIUS,
  NUM_COEFFICIENTS,
  THREE_F1,
} from './halofit-coefficients.ts';
import type { LinearPowerTable } from './linear-power-table.ts';
import { type Cosmology, H_0, N_S, NUM_PARAMETERS, OMEGA_B, OMEGA_C, SIGMA_8, W_0 } from './parameters.ts';

/** A value and its six derivatives: what each point of a {@link LimberPower} holds. */
export const JET = 1 + NUM_PARAMETERS;

/** Scratch of the loops below, which never call one another. */
const LOCATED = new Float64Array(9);

/** Dimensionless power on (wave number, slice) points; overwritten by the next evaluation of the plan that owns it. */
export interface LimberPower {
  /** k^3 P_linear / (2 pi^2) and its derivatives in the six parameters, shape [numWaves, numSlices, 7]. */
  readonly linear: Float64Array;
  /** The same of the non-linear spectrum. */
  readonly nonlinear: Float64Array;
}

/** What holds along one slice. */
interface Slice {
  index: number;
  logDistance: number;
  logDistanceByOmegaM: number;
  logDistanceByW0: number;
  /** ln of the amplitude of the linear spectrum times D^2. */
  logAmplitude: number;
  growth2ByOmegaM: number;
  growth2ByW0: number;
}

/** Tables from which power on a grid of points is made; with no distance, the waves are wave numbers in h/Mpc. */
export interface LimberTables {
  readonly cosmology: Cosmology;
  readonly linear: LinearPowerTable;
  readonly growth: Growth;
  readonly halofit: HalofitCoefficients;
  /** Mpc/h. */
  readonly distance?: Background['comovingDistance'];
}

/**
 * Power at k = wave / distance of each slice, for waves that no cosmology changes: for Limber, wave = ell + 1/2 and the distance is
 * the comoving one; with all distances 1 the waves are wave numbers in h/Mpc.
 *
 * The loops run along one slice at a time and take arrays only: a call that takes or returns a number costs a heap cell in V8.
 */
export function createLimberPowerPlan(waves: Float64Array, numSlices: number) {
  const logWaves = waves.map(Math.log);
  const tiltedWaves = new Float64Array(waves.length);
  const power: LimberPower = {
    linear: new Float64Array(waves.length * numSlices * JET),
    nonlinear: new Float64Array(waves.length * numSlices * JET),
  };
  const partials = new Float64Array(waves.length * NUM_PARTIALS);
  const slice: Slice = {
    index: 0,
    logDistance: 0,
    logDistanceByOmegaM: 0,
    logDistanceByW0: 0,
    logAmplitude: 0,
    growth2ByOmegaM: 0,
    growth2ByW0: 0,
  };

  const evaluate = (tables: LimberTables): LimberPower => {
    const { cosmology, linear, growth, halofit, distance } = tables;
    for (let e = 0; e < waves.length; e++) tiltedWaves[e] = Math.exp((3 + cosmology.nS) * logWaves[e]);
    for (let s = 0; s < numSlices; s++) {
      const chi = distance ? distance.value[s] : 1;
      slice.index = s;
      slice.logDistance = Math.log(chi);
      slice.logDistanceByOmegaM = distance ? distance.byOmegaM[s] / chi : 0;
      slice.logDistanceByW0 = distance ? distance.byW0[s] / chi : 0;
      slice.logAmplitude =
        linear.logAmplitude - Math.log(2 * Math.PI * Math.PI) + 2 * growth.logGrowth.value[s];
      slice.growth2ByOmegaM = 2 * growth.logGrowth.byOmegaM[s];
      slice.growth2ByW0 = 2 * growth.logGrowth.byW0[s];
      fillLinear(tables, slice, logWaves, tiltedWaves, power.linear, numSlices);
      if (halofit.value[s * NUM_COEFFICIENTS + BLEND] === 0) copySlice(power, s, numSlices);
      else {
        fillPartials(halofit.value, slice, waves, logWaves, power, partials, numSlices);
        combinePartials(halofit, slice, partials, power, numSlices);
      }
    }
    return power;
  };
  return { waves, evaluate };
}

/** Linear power along a slice; outside the table T continues as a constant (low k) or as k^-2 (high k). */
function fillLinear(
  { cosmology, linear: table }: LimberTables,
  slice: Slice,
  logWaves: Float64Array,
  tiltedWaves: Float64Array,
  out: Float64Array,
  numSlices: number,
): void {
  const { grid, coefficients: c, logAmplitudeBy: by } = table;
  const { minLogK, maxLogK } = grid;
  const located = LOCATED;
  const tilt = 3 + cosmology.nS;
  const amplitude = Math.exp(slice.logAmplitude - tilt * slice.logDistance);
  const { logDistance, growth2ByOmegaM, growth2ByW0 } = slice;
  const { logDistanceByOmegaM, logDistanceByW0 } = slice;
  for (let e = 0; e < logWaves.length; e++) {
    const logK = logWaves[e] - logDistance;
    const over = logK > maxLogK ? logK - maxLogK : 0;
    located[0] = Math.min(Math.max(logK, minLogK), maxLogK);
    locateNode(grid, located);
    let j = located[0] * 4;
    let t = 0;
    let tSlope = 0;
    let tC = 0;
    let tB = 0;
    let tH = 0;
    for (let i = 1; i < 5; i++, j += 4) {
      const w = located[i];
      t += w * c[j];
      tSlope += located[4 + i] * c[j];
      tC += w * c[j + 1];
      tB += w * c[j + 2];
      tH += w * c[j + 3];
    }
    if (over > 0) tSlope = -2 * t;
    else if (logK < minLogK) tSlope = 0;
    const k = tiltedWaves[e] * amplitude * (over > 0 ? Math.exp(-4 * over) : 1);
    const kt = 2 * k * t;
    const delta = k * t * t;
    const slope = tilt * delta + kt * tSlope;
    const byOmegaM = delta * growth2ByOmegaM - slope * logDistanceByOmegaM;
    const at = (e * numSlices + slice.index) * JET;
    out[at] = delta;
    out[at + 1 + OMEGA_C] = kt * tC + delta * by[OMEGA_C] + byOmegaM;
    out[at + 1 + OMEGA_B] = kt * tB + delta * by[OMEGA_B] + byOmegaM;
    out[at + 1 + SIGMA_8] = delta * by[SIGMA_8];
    out[at + 1 + H_0] = kt * tH + delta * by[H_0];
    out[at + 1 + N_S] = delta * (logK + by[N_S]);
    out[at + 1 + W_0] = delta * growth2ByW0 - slope * logDistanceByW0;
  }
}

function copySlice({ linear, nonlinear }: LimberPower, s: number, numSlices: number): void {
  for (let at = s * JET; at < linear.length; at += numSlices * JET) {
    for (let d = 0; d < JET; d++) nonlinear[at + d] = linear[at + d];
  }
}

/** Index of the derivative in the linear power among the partials; those before it are the coefficients'. */
const LINEAR = NUM_COEFFICIENTS;
const NUM_PARTIALS = NUM_COEFFICIENTS + 1;

/**
 * Halofit along a slice: writes the non-linear power, and its partial derivatives in the coefficients (LOG_RADIUS stands for ln y,
 * y = k R), in the blend and in the linear power. Takahashi et al. (2012), eqs. A1 to A3, mu_n = 0.
 */
function fillPartials(
  v: Float64Array,
  { index, logDistance }: Slice,
  waves: Float64Array,
  logWaves: Float64Array,
  { linear, nonlinear }: LimberPower,
  partials: Float64Array,
  numSlices: number,
): void {
  const row = index * NUM_COEFFICIENTS;
  const [logA, logB, logC, gamma, alpha, beta, logNu, f1, f2, logRadius, blend] = v.subarray(
    row,
    row + NUM_COEFFICIENTS,
  );
  const steepness = 3 - gamma;
  const nu = Math.exp(logNu);
  const yPerWave = Math.exp(logRadius - logDistance);
  for (let e = 0; e < logWaves.length; e++) {
    const at = (e * numSlices + index) * JET;
    const delta = linear[at];
    const logY = logWaves[e] - logDistance + logRadius;
    const y = waves[e] * yPerWave;
    // quasi-linear term
    const log1 = Math.log(1 + delta);
    const damping = 1 / (1 + alpha * delta);
    const growth = Math.exp(beta * log1 - y * (0.25 + 0.125 * y)) * damping;
    const quasi = delta * growth;
    // halo term
    const logCy = logC + logY;
    const t2 = Math.exp(logB + f2 * logY);
    const t3 = Math.exp(steepness * logCy);
    const t4 = nu / (y * y);
    const inner = 1 / (1 + t2 + t3);
    const outer = 1 / (1 + t4);
    const halo = Math.exp(logA + f1 * logY) * inner * outer;
    const share2 = inner * t2;
    const share3 = inner * t3;
    const bh = blend * halo;
    const bq = blend * quasi;
    nonlinear[at] = delta + blend * (quasi + halo - delta);
    const out = e * NUM_PARTIALS;
    partials[out + LOG_A] = bh;
    partials[out + LOG_B] = -bh * share2;
    partials[out + LOG_C] = -bh * steepness * share3;
    partials[out + GAMMA] = bh * share3 * logCy;
    partials[out + ALPHA] = -bq * delta * damping;
    partials[out + BETA] = bq * log1;
    partials[out + LOG_NU] = -bh * outer * t4;
    partials[out + THREE_F1] = bh * logY;
    partials[out + F2] = -bh * share2 * logY;
    partials[out + LOG_RADIUS] =
      bh * (f1 - f2 * share2 - steepness * share3 + 2 * outer * t4) - bq * y * (0.25 + 0.25 * y);
    partials[out + BLEND] = quasi + halo - delta;
    partials[out + LINEAR] = 1 - blend + blend * growth + bq * (beta / (1 + delta) - alpha * damping);
  }
}

/** Chain rule along a slice: partials times the derivatives of what they are partial in. */
function combinePartials(
  { value, by }: HalofitCoefficients,
  { index, logDistanceByOmegaM, logDistanceByW0 }: Slice,
  partials: Float64Array,
  { linear, nonlinear }: LimberPower,
  numSlices: number,
): void {
  const first = index * NUM_COEFFICIENTS * NUM_PARAMETERS;
  // The blend comes last; its derivative vanishes unless it is below 1.
  const used = value[index * NUM_COEFFICIENTS + BLEND] < 1 ? NUM_COEFFICIENTS : BLEND;
  const numPoints = partials.length / NUM_PARTIALS;
  for (let e = 0; e < numPoints; e++) {
    const from = e * NUM_PARTIALS;
    const at = (e * numSlices + index) * JET + 1;
    const byLinear = partials[from + LINEAR];
    let d0 = byLinear * linear[at];
    let d1 = byLinear * linear[at + 1];
    let d2 = byLinear * linear[at + 2];
    let d3 = byLinear * linear[at + 3];
    let d4 = byLinear * linear[at + 4];
    let d5 = byLinear * linear[at + 5];
    for (let c = 0, j = first; c < used; c++, j += NUM_PARAMETERS) {
      const partial = partials[from + c];
      d0 += partial * by[j];
      d1 += partial * by[j + 1];
      d2 += partial * by[j + 2];
      d3 += partial * by[j + 3];
      d4 += partial * by[j + 4];
      d5 += partial * by[j + 5];
    }
    const byLogY = partials[from + LOG_RADIUS];
    nonlinear[at + OMEGA_C] = d0 - byLogY * logDistanceByOmegaM;
    nonlinear[at + OMEGA_B] = d1 - byLogY * logDistanceByOmegaM;
    nonlinear[at + SIGMA_8] = d2;
    nonlinear[at + H_0] = d3;
    nonlinear[at + N_S] = d4;
    nonlinear[at + W_0] = d5 - byLogY * logDistanceByW0;
  }
}
