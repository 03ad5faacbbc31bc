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

/** Dimensionless power on (wave number, slice) points; overwritten by the next evaluation of the plan that owns it. */
export interface LimberPower {
  /** k^3 P_linear / (2 pi^2) and its derivatives in the six parameters, shape [numWaves, numSlices, 7]. */
  readonly linear: Float64Array;
  /** The same of the non-linear spectrum. */
  readonly nonlinear: Float64Array;
}

/** What holds along one slice. */
interface Slice {
  logDistance: number;
  logDistanceByOmegaM: number;
  logDistanceByW0: number;
  growth2: number;
  growth2ByOmegaM: number;
  growth2ByW0: number;
}

/**
 * Power at k = wave / distance of each slice, for waves that no cosmology changes: for Limber, wave = ell + 1/2 and the distance is
 * the comoving one; with all distances 1 the waves are wave numbers in h/Mpc.
 */
export function createLimberPowerPlan(waves: Float64Array, numSlices: number) {
  const logWaves = waves.map(Math.log);
  const numWaves = waves.length;
  const power: LimberPower = {
    linear: new Float64Array(numWaves * numSlices * JET),
    nonlinear: new Float64Array(numWaves * numSlices * JET),
  };
  const located = new Float64Array(9);
  const partials = new Float64Array(NUM_COEFFICIENTS + 2);
  const slice: Slice = {
    logDistance: 0,
    logDistanceByOmegaM: 0,
    logDistanceByW0: 0,
    growth2: 0,
    growth2ByOmegaM: 0,
    growth2ByW0: 0,
  };

  const evaluate = (
    cosmology: Cosmology,
    tables: {
      readonly linear: LinearPowerTable;
      readonly growth: Growth;
      readonly halofit: HalofitCoefficients;
      /** Mpc/h; left out: 1 everywhere. */
      readonly distance?: Background['comovingDistance'];
    },
  ): LimberPower => {
    const { linear, growth, halofit, distance } = tables;
    for (let s = 0; s < numSlices; s++) {
      const chi = distance ? distance.value[s] : 1;
      slice.logDistance = Math.log(chi);
      slice.logDistanceByOmegaM = distance ? distance.byOmegaM[s] / chi : 0;
      slice.logDistanceByW0 = distance ? distance.byW0[s] / chi : 0;
      slice.growth2 = 2 * growth.logGrowth.value[s];
      slice.growth2ByOmegaM = 2 * growth.logGrowth.byOmegaM[s];
      slice.growth2ByW0 = 2 * growth.logGrowth.byW0[s];
      for (let e = 0; e < numWaves; e++) {
        const at = (e * numSlices + s) * JET;
        const logK = logWaves[e] - slice.logDistance;
        fillLinearPoint(cosmology, linear, slice, logK, located, power.linear, at);
        fillNonlinearPoint(halofit, slice, s, logK, partials, power, at);
      }
    }
    return power;
  };
  return { waves, evaluate };
}

/** Linear power at one point; outside the table T continues as a constant (low k) or as k^-2 (high k). */
function fillLinearPoint(
  cosmology: Cosmology,
  table: LinearPowerTable,
  slice: Slice,
  logK: number,
  located: Float64Array,
  out: Float64Array,
  at: number,
): void {
  const { grid, coefficients: c } = table;
  const over = logK > grid.maxLogK ? logK - grid.maxLogK : 0;
  grid.locate(over > 0 ? grid.maxLogK : logK < grid.minLogK ? grid.minLogK : logK, located);
  const first = located[0] * 4;
  let [t, tSlope, tC, tB, tH] = [0, 0, 0, 0, 0];
  for (let i = 0; i < 4; i++) {
    const w = located[1 + i];
    const j = first + 4 * i;
    t += w * c[j];
    tSlope += located[5 + i] * c[j];
    tC += w * c[j + 1];
    tB += w * c[j + 2];
    tH += w * c[j + 3];
  }
  if (over > 0) tSlope = -2 * t;
  else if (logK < grid.minLogK) tSlope = 0;
  const tilt = 3 + cosmology.nS;
  const k = Math.exp(table.logAmplitude + slice.growth2 + tilt * logK - 4 * over) / (2 * Math.PI * Math.PI);
  const kt = 2 * k * t;
  const delta = k * t * t;
  const slope = tilt * delta + kt * tSlope;
  const by = table.logAmplitudeBy;
  const byOmegaM = delta * slice.growth2ByOmegaM - slope * slice.logDistanceByOmegaM;
  out[at] = delta;
  out[at + 1 + OMEGA_C] = kt * tC + delta * by[OMEGA_C] + byOmegaM;
  out[at + 1 + OMEGA_B] = kt * tB + delta * by[OMEGA_B] + byOmegaM;
  out[at + 1 + SIGMA_8] = delta * by[SIGMA_8];
  out[at + 1 + H_0] = kt * tH + delta * by[H_0];
  out[at + 1 + N_S] = delta * (logK + by[N_S]);
  out[at + 1 + W_0] = delta * slice.growth2ByW0 - slope * slice.logDistanceByW0;
}

/** Index of the derivative in the linear power among the partials; the others are the coefficients'. */
const LINEAR = NUM_COEFFICIENTS;

/**
 * Halofit at one point: returns the non-linear power and writes its partial derivatives in the coefficients (LOG_RADIUS stands for
 * ln y, y = k R), in the blend and in the linear power. Takahashi et al. (2012), eqs. A1 to A3, mu_n = 0.
 */
function halofitPoint(v: Float64Array, row: number, logY: number, delta: number, out: Float64Array): number {
  const y = Math.exp(logY);
  const blend = v[row + BLEND];
  // quasi-linear term
  const alpha = v[row + ALPHA];
  const beta = v[row + BETA];
  const log1 = Math.log(1 + delta);
  const damping = 1 / (1 + alpha * delta);
  const growth = Math.exp(beta * log1 - y * (0.25 + 0.125 * y)) * damping;
  const quasi = delta * growth;
  // halo term
  const logC = v[row + LOG_C] + logY;
  const steepness = 3 - v[row + GAMMA];
  const t2 = Math.exp(v[row + LOG_B] + v[row + F2] * logY);
  const t3 = Math.exp(steepness * logC);
  const t4 = Math.exp(v[row + LOG_NU] - 2 * logY);
  const inner = 1 / (1 + t2 + t3);
  const outer = 1 / (1 + t4);
  const halo = Math.exp(v[row + LOG_A] + v[row + THREE_F1] * logY) * inner * outer;
  const share2 = inner * t2;
  const share3 = inner * t3;
  const haloSlope = v[row + THREE_F1] - v[row + F2] * share2 - steepness * share3 + 2 * outer * t4;
  const bh = blend * halo;
  const bq = blend * quasi;
  out[LOG_A] = bh;
  out[LOG_B] = -bh * share2;
  out[LOG_C] = -bh * steepness * share3;
  out[GAMMA] = bh * share3 * logC;
  out[ALPHA] = -bq * delta * damping;
  out[BETA] = bq * log1;
  out[LOG_NU] = -bh * outer * t4;
  out[THREE_F1] = bh * logY;
  out[F2] = -bh * share2 * logY;
  out[LOG_RADIUS] = bh * haloSlope - bq * y * (0.25 + 0.25 * y);
  out[BLEND] = quasi + halo - delta;
  out[LINEAR] = 1 - blend + blend * growth + bq * (beta / (1 + delta) - alpha * damping);
  return delta + blend * (quasi + halo - delta);
}

function fillNonlinearPoint(
  { value, by }: HalofitCoefficients,
  slice: Slice,
  s: number,
  logK: number,
  partials: Float64Array,
  { linear, nonlinear }: LimberPower,
  at: number,
): void {
  const row = s * NUM_COEFFICIENTS;
  const blend = value[row + BLEND];
  if (blend === 0) {
    for (let d = 0; d < JET; d++) nonlinear[at + d] = linear[at + d];
    return;
  }
  nonlinear[at] = halofitPoint(value, row, logK + value[row + LOG_RADIUS], linear[at], partials);
  const first = row * NUM_PARAMETERS;
  const byLinear = partials[LINEAR];
  const byLogY = partials[LOG_RADIUS];
  for (let p = 0; p < NUM_PARAMETERS; p++) {
    let sum = byLinear * linear[at + 1 + p];
    // All coefficients but the blend, whose derivative vanishes unless it is below 1.
    for (let c = 0, j = first + p; c < BLEND; c++, j += NUM_PARAMETERS) sum += partials[c] * by[j];
    nonlinear[at + 1 + p] = sum;
  }
  const byOmegaM = byLogY * slice.logDistanceByOmegaM;
  nonlinear[at + 1 + OMEGA_C] -= byOmegaM;
  nonlinear[at + 1 + OMEGA_B] -= byOmegaM;
  nonlinear[at + 1 + W_0] -= byLogY * slice.logDistanceByW0;
  if (blend < 1) {
    for (let p = 0; p < NUM_PARAMETERS; p++) {
      nonlinear[at + 1 + p] += partials[BLEND] * by[first + BLEND * NUM_PARAMETERS + p];
    }
  }
}
