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
  NUM_FITS,
  THREE_F1,
} from './halofit-coefficients.ts';
import { JET, type LimberPower, type Slice } from './limber-slice.ts';
import { NUM_PARAMETERS, OMEGA_B, OMEGA_C, W_0 } from './parameters.ts';
import type { WavePowers } from './wave-powers.ts';

/** What the non-linear power of a point has partial derivatives in: the non-linear scale, the background and the linear power. */
const BY_SLOPE = 0;
const BY_CURVATURE = 1;
/** ln y, y = k R. */
const BY_LOG_Y = 2;
const BY_BLEND = 3;
const BY_OMEGA_M = 4;
const BY_W_0 = 5;
const BY_LINEAR = 6;
export const NUM_PARTIALS = 7;

/** The powers of y = k R in the halo term along a slice. */
export interface HaloPowers {
  readonly numerator: Float64Array;
  /** With f2. */
  readonly shallow: Float64Array;
  /** With 3 - gamma. */
  readonly steep: Float64Array;
}

/** a y^(3 f1), b y^f2 and (c f3 y)^(3 - gamma) along a slice. */
export function fillHaloPowers(
  v: Float64Array,
  { index, logDistance }: Slice,
  logWaves: Float64Array,
  wavePowers: WavePowers,
  { numerator, shallow, steep }: HaloPowers,
): void {
  const row = index * NUM_COEFFICIENTS;
  const logY = logWaves[0] - logDistance + v[row + LOG_RADIUS];
  const steepness = 3 - v[row + GAMMA];
  wavePowers(Math.exp(v[row + LOG_A] + v[row + THREE_F1] * logY), v[row + THREE_F1], numerator);
  wavePowers(Math.exp(v[row + LOG_B] + v[row + F2] * logY), v[row + F2], shallow);
  wavePowers(Math.exp(steepness * (v[row + LOG_C] + logY)), steepness, steep);
}

/**
 * Halofit along a slice: writes the non-linear power and its {@link NUM_PARTIALS} partial derivatives. Takahashi et al. (2012), eqs. A1 to
 * A3, mu_n = 0.
 */
export function fillPartials(
  { value: v, byScale, byBackground }: HalofitCoefficients,
  { index, logDistance }: Slice,
  waves: Float64Array,
  logWaves: Float64Array,
  { numerator, shallow, steep }: HaloPowers,
  { linear, nonlinear }: LimberPower,
  partials: Float64Array,
  numSlices: number,
): void {
  const row = index * NUM_COEFFICIENTS;
  const n = byScale.subarray(2 * index * NUM_FITS);
  const w = byBackground.subarray(2 * row);
  const logC = v[row + LOG_C];
  const alpha = v[row + ALPHA];
  const beta = v[row + BETA];
  const f1 = v[row + THREE_F1];
  const f2 = v[row + F2];
  const blend = v[row + BLEND];
  const steepness = 3 - v[row + GAMMA];
  const nu = Math.exp(v[row + LOG_NU]);
  const logYPerWave = v[row + LOG_RADIUS] - logDistance;
  const yPerWave = Math.exp(logYPerWave);
  for (let e = 0; e < logWaves.length; e++) {
    const at = (e * numSlices + index) * JET;
    const delta = linear[at];
    const logY = logWaves[e] + logYPerWave;
    const y = waves[e] * yPerWave;
    // quasi-linear term
    const log1 = Math.log(1 + delta);
    const damping = 1 / (1 + alpha * delta);
    const growth = Math.exp(beta * log1 - y * (0.25 + 0.125 * y)) * damping;
    const quasi = delta * growth;
    // halo term
    const t2 = shallow[e];
    const t3 = steep[e];
    const t4 = nu / (y * y);
    const inner = 1 / (1 + t2 + t3);
    const outer = 1 / (1 + t4);
    const halo = numerator[e] * inner * outer;
    nonlinear[at] = delta + blend * (quasi + halo - delta);
    const bh = blend * halo;
    const bq = blend * quasi;
    // Derivatives of ln halo in ln b, ln c, gamma and ln nu, and of ln quasi in alpha.
    const byB = -inner * t2;
    const byC = -steepness * inner * t3;
    const byGamma = inner * t3 * (logC + logY);
    const byNu = -outer * t4;
    const byAlpha = -delta * damping;
    const out = e * NUM_PARTIALS;
    partials[out + BY_SLOPE] =
      bh *
        (n[2 * LOG_A] +
          byB * n[2 * LOG_B] +
          byC * n[2 * LOG_C] +
          byGamma * n[2 * GAMMA] +
          byNu * n[2 * LOG_NU]) +
      bq * (byAlpha * n[2 * ALPHA] + log1 * n[2 * BETA]);
    partials[out + BY_CURVATURE] =
      bh * (n[2 * LOG_A + 1] + byB * n[2 * LOG_B + 1] + byC * n[2 * LOG_C + 1] + byGamma * n[2 * GAMMA + 1]) +
      bq * (byAlpha * n[2 * ALPHA + 1] + log1 * n[2 * BETA + 1]);
    partials[out + BY_LOG_Y] = bh * (f1 + byB * f2 + byC - 2 * byNu) - bq * y * (0.25 + 0.25 * y);
    partials[out + BY_BLEND] = quasi + halo - delta;
    partials[out + BY_OMEGA_M] =
      bh *
      (w[2 * LOG_A] + byB * w[2 * LOG_B] + byC * w[2 * LOG_C] + logY * (w[2 * THREE_F1] + byB * w[2 * F2]));
    partials[out + BY_W_0] =
      bh *
      (w[2 * LOG_A + 1] +
        byB * w[2 * LOG_B + 1] +
        byC * w[2 * LOG_C + 1] +
        logY * (w[2 * THREE_F1 + 1] + byB * w[2 * F2 + 1]));
    partials[out + BY_LINEAR] = 1 - blend + blend * growth + bq * (beta / (1 + delta) - alpha * damping);
  }
}

/** Chain rule along a slice: partials times the derivatives of what they are partial in. */
export function combinePartials(
  { scale, blendSlope }: HalofitCoefficients,
  { index, logDistanceByOmegaM, logDistanceByW0 }: Slice,
  partials: Float64Array,
  { linear, nonlinear }: LimberPower,
  numSlices: number,
): void {
  const row = index * NUM_PARAMETERS;
  const slope = scale.slopeBy.subarray(row, row + NUM_PARAMETERS);
  const curvature = scale.curvatureBy.subarray(row, row + NUM_PARAMETERS);
  const logRadius = scale.logRadiusBy.subarray(row, row + NUM_PARAMETERS);
  const blend = blendSlope[index];
  const numPoints = partials.length / NUM_PARTIALS;
  for (let e = 0; e < numPoints; e++) {
    const from = e * NUM_PARTIALS;
    const at = (e * numSlices + index) * JET + 1;
    const byLinear = partials[from + BY_LINEAR];
    const bySlope = partials[from + BY_SLOPE];
    const byCurvature = partials[from + BY_CURVATURE];
    const byLogY = partials[from + BY_LOG_Y];
    const byLogRadius = byLogY + partials[from + BY_BLEND] * blend;
    for (let p = 0; p < NUM_PARAMETERS; p++) {
      nonlinear[at + p] =
        byLinear * linear[at + p] +
        bySlope * slope[p] +
        byCurvature * curvature[p] +
        byLogRadius * logRadius[p];
    }
    const byOmegaM = partials[from + BY_OMEGA_M] - byLogY * logDistanceByOmegaM;
    nonlinear[at + OMEGA_C] += byOmegaM;
    nonlinear[at + OMEGA_B] += byOmegaM;
    nonlinear[at + W_0] += partials[from + BY_W_0] - byLogY * logDistanceByW0;
  }
}
