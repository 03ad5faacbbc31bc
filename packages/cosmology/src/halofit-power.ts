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
import { JET, type LimberPower, type Slice } from './limber-slice.ts';
import { H_0, N_S, NUM_PARAMETERS, OMEGA_B, OMEGA_C, SIGMA_8, W_0 } from './parameters.ts';

/** Index of the derivative in the linear power among the partials; those before it are the coefficients'. */
const LINEAR = NUM_COEFFICIENTS;
export const NUM_PARTIALS = NUM_COEFFICIENTS + 1;

/**
 * Halofit along a slice: writes the non-linear power, and its partial derivatives in the coefficients (LOG_RADIUS stands for ln y,
 * y = k R), in the blend and in the linear power. Takahashi et al. (2012), eqs. A1 to A3, mu_n = 0.
 */
export function fillPartials(
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
export function combinePartials(
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
