import { darkEnergyDensity } from './background.ts';
import { MIN_LOG_RADIUS } from './gaussian-variance-table.ts';
import type { NonlinearScale } from './nonlinear-scale.ts';
import { type Cosmology, omegaM } from './parameters.ts';

/**
 * `takahashi`: as published (2012). `cosmomentum`: with the two departures of the public code CosMomentum, which made the shift table
 * of sbi_lens; they matter for w != -1 only.
 */
export type HalofitForm = 'takahashi' | 'cosmomentum';

/** Coefficients of the fit at one redshift. Order of a row of {@link HalofitCoefficients.value}. */
export const LOG_A = 0;
export const LOG_B = 1;
export const LOG_C = 2;
export const GAMMA = 3;
export const ALPHA = 4;
export const BETA = 5;
export const LOG_NU = 6;
/** 3 f1 and f2, the exponents of the halo term; f3 is inside LOG_C. */
export const THREE_F1 = 7;
export const F2 = 8;
export const LOG_RADIUS = 9;
/** Weight of the non-linear spectrum, 1 except near the smallest scale that is looked for (see {@link blendOf}). */
export const BLEND = 10;
export const NUM_COEFFICIENTS = 11;
/** Those before it are polynomials in n_eff and C, and terms of the background. */
export const NUM_FITS = 7;

/** Coefficients, and their derivatives in what they depend on: the non-linear scale, and omega_m and w_0 directly. */
export interface HalofitCoefficients {
  /** Shape [n, NUM_COEFFICIENTS]. */
  readonly value: Float64Array;
  /** In n_eff and in C at a fixed background, shape [n, NUM_FITS, 2]. */
  readonly byScale: Float64Array;
  /** In omega_m and w_0 at a fixed scale, shape [n, NUM_COEFFICIENTS, 2]; none for LOG_RADIUS and BLEND. */
  readonly byBackground: Float64Array;
  /** Derivative of the blend in ln R, shape [n]. */
  readonly blendSlope: Float64Array;
  readonly scale: NonlinearScale;
}

const LN10 = Math.LN10;

/** Width in ln R over which the fit fades into the linear spectrum, so that spectra have no jump where the scale ceases to exist. */
const FADE_WIDTH = 0.7;

/** Smooth step from 0 at the smallest radius to 1 a factor of two above it: [value, derivative in ln R]. */
function blendOf(logRadius: number): [number, number] {
  const t = Math.min(1, (logRadius - MIN_LOG_RADIUS) / FADE_WIDTH);
  return [t * t * (3 - 2 * t), t < 1 ? (6 * t * (1 - t)) / FADE_WIDTH : 0];
}

interface DarkEnergyTerms {
  /** ln Omega_m(a) and its derivatives in omega_m and w_0. */
  readonly logMatter: readonly [number, number, number];
  /** (1 + w) Omega_DE, likewise. */
  readonly excess: readonly [number, number, number];
}

function darkEnergyTerms(cosmology: Cosmology, redshift: number, form: HalofitForm): DarkEnergyTerms {
  const om = omegaM(cosmology);
  const wa = cosmology.wa ?? 0;
  const logA = -Math.log1p(redshift);
  const w = cosmology.w0 + wa * (1 - Math.exp(logA));
  const density = darkEnergyDensity(logA, cosmology.w0, wa);
  const perMatter = Math.exp(3 * logA) * density;
  const total = om + (1 - om) * perMatter;
  const dark = ((1 - om) * perMatter) / total;
  const darkBy = [-perMatter / (total * total), (-3 * logA * dark * om) / total];
  const logMatter = [
    Math.log(om / total),
    1 / om - (1 - perMatter) / total,
    (3 * logA * (1 - om) * perMatter) / total,
  ] as const;
  if (form === 'takahashi') {
    return { logMatter, excess: [(1 + w) * dark, (1 + w) * darkBy[0], (1 + w) * darkBy[1] + dark] };
  }
  const today = (1 - om) * density;
  return { logMatter, excess: [(1 + w) * today, -(1 + w) * density, today * (1 - 3 * logA * (1 + w))] };
}

interface MatterExponent {
  readonly value: number;
  readonly byLogMatter: number;
  readonly byW: number;
}

/** f1, f2, f3 with derivatives in ln Omega_m(a) and in w. */
function matterExponents(logMatter: number, w: number, form: HalofitForm): MatterExponent[] {
  const flat = [-0.0307, -0.0585, 0.0743];
  const open = [-0.0732, -0.1423, 0.0725];
  const u = form === 'takahashi' ? 1 : -(1 + 3 * w) / 2;
  const uByW = form === 'takahashi' ? 0 : -1.5;
  return flat.map((exponent, i) => {
    const f = Math.exp(exponent * logMatter);
    const g = form === 'takahashi' ? f : Math.exp(open[i] * logMatter);
    return {
      value: u * f + (1 - u) * g,
      byLogMatter: u * exponent * f + (1 - u) * open[i] * g,
      byW: uByW * (f - g),
    };
  });
}

/** [value, d/dn, d/dC] of each polynomial of Takahashi et al. (2012), eqs. A6 to A13; a, b, c and nu as natural logarithms. */
function polynomials(n: number, c: number): readonly (readonly [number, number, number])[] {
  const alpha = 6.0835 + 1.3373 * n - 0.1959 * n * n - 5.5274 * c;
  const sign = alpha < 0 ? -1 : 1;
  return [
    [
      LN10 * (1.5222 + n * (2.8553 + n * (2.3706 + n * (0.9903 + n * 0.225))) - 0.6038 * c),
      LN10 * (2.8553 + n * (4.7412 + n * (2.9709 + n * 0.9))),
      LN10 * -0.6038,
    ],
    [LN10 * (-0.5642 + n * (0.5864 + n * 0.5716) - 1.5474 * c), LN10 * (0.5864 + 1.1432 * n), LN10 * -1.5474],
    [LN10 * (0.3698 + n * (2.0404 + n * 0.8161) + 0.5869 * c), LN10 * (2.0404 + 1.6322 * n), LN10 * 0.5869],
    [0.1971 - 0.0843 * n + 0.846 * c, -0.0843, 0.846],
    [sign * alpha, sign * (1.3373 - 0.3918 * n), sign * -5.5274],
    [
      2.0379 + n * (-0.7354 + n * (0.3157 + n * (1.249 + n * 0.398))) - 0.1682 * c,
      -0.7354 + n * (0.6314 + n * (3.747 + n * 1.592)),
      -0.1682,
    ],
    [LN10 * (5.2105 + 3.6902 * n), LN10 * 3.6902, 0],
  ];
}

/**
 * Coefficients of halofit at the redshifts of `scale`, with their derivatives in the six parameters.
 *
 * Where no non-linear scale exists the spectrum is the linear one (BLEND = 0). In the published form it fades in over a factor of two
 * in R; in the `cosmomentum` form it is switched, as in that code.
 */
export function createHalofitCoefficients(redshift: Float64Array, form: HalofitForm) {
  const n = redshift.length;
  const value = new Float64Array(n * NUM_COEFFICIENTS);
  const byScale = new Float64Array(n * NUM_FITS * 2);
  const byBackground = new Float64Array(n * NUM_COEFFICIENTS * 2);
  const blendSlope = new Float64Array(n);

  /** Adds what depends on omega_m and w_0 alone. */
  const addBackground = (s: number, c: number, term: number, byOmegaM: number, byW0: number) => {
    const at = s * NUM_COEFFICIENTS + c;
    value[at] += term;
    byBackground[2 * at] = byOmegaM;
    byBackground[2 * at + 1] = byW0;
  };

  const fillRow = (cosmology: Cosmology, scale: NonlinearScale, s: number) => {
    const { logMatter, excess } = darkEnergyTerms(cosmology, redshift[s], form);
    const w = cosmology.w0 + (cosmology.wa ?? 0) * (redshift[s] / (1 + redshift[s]));
    const [f1, f2, f3] = matterExponents(logMatter[0], w, form);
    const row = s * NUM_COEFFICIENTS;
    polynomials(scale.slope[s], scale.curvature[s]).forEach(([fit, byN, byC], c) => {
      value[row + c] = fit;
      byScale[2 * (s * NUM_FITS + c)] = byN;
      byScale[2 * (s * NUM_FITS + c) + 1] = byC;
    });
    value[row + THREE_F1] = value[row + F2] = 0;
    const a = LN10 * 0.1749;
    const b = LN10 * 0.2279;
    addBackground(s, LOG_A, a * excess[0], a * excess[1], a * excess[2]);
    addBackground(s, LOG_B, b * excess[0], b * excess[1], b * excess[2]);
    const byOmegaM = ({ byLogMatter }: MatterExponent) => byLogMatter * logMatter[1];
    const byW0 = ({ byLogMatter, byW }: MatterExponent) => byLogMatter * logMatter[2] + byW;
    addBackground(s, LOG_C, Math.log(f3.value), byOmegaM(f3) / f3.value, byW0(f3) / f3.value);
    addBackground(s, THREE_F1, 3 * f1.value, 3 * byOmegaM(f1), 3 * byW0(f1));
    addBackground(s, F2, f2.value, byOmegaM(f2), byW0(f2));
    value[row + LOG_RADIUS] = scale.logRadius[s];
    const exists = scale.hasScale[s] === 1;
    const fades = exists && form === 'takahashi';
    [value[row + BLEND], blendSlope[s]] = fades ? blendOf(scale.logRadius[s]) : [exists ? 1 : 0, 0];
  };

  const evaluate = (cosmology: Cosmology, scale: NonlinearScale): HalofitCoefficients => {
    for (let s = 0; s < n; s++) fillRow(cosmology, scale, s);
    return { value, byScale, byBackground, blendSlope, scale };
  };
  return { evaluate };
}
