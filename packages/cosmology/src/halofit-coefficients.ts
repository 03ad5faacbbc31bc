import { darkEnergyDensity } from './background.ts';
import { MIN_LOG_RADIUS } from './gaussian-variance-table.ts';
import type { NonlinearScale } from './nonlinear-scale.ts';
import { type Cosmology, NUM_PARAMETERS, OMEGA_B, OMEGA_C, omegaM, W_0 } from './parameters.ts';

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

export interface HalofitCoefficients {
  /** Shape [n, NUM_COEFFICIENTS]. */
  readonly value: Float64Array;
  /** Shape [n, NUM_COEFFICIENTS, 6]. */
  readonly by: Float64Array;
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

/** f1, f2, f3 with derivatives in ln Omega_m(a) and in w. */
function matterExponents(logMatter: number, w: number, form: HalofitForm) {
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
  const by = new Float64Array(n * NUM_COEFFICIENTS * NUM_PARAMETERS);
  const coefficients: HalofitCoefficients = { value, by };

  /** Sets coefficient c of redshift s from a function of n_eff and C. */
  const setFit = (s: number, c: number, [fit, byN, byC]: readonly number[], scale: NonlinearScale) => {
    const at = s * NUM_COEFFICIENTS + c;
    value[at] = fit;
    for (let p = 0; p < NUM_PARAMETERS; p++) {
      const from = s * NUM_PARAMETERS + p;
      by[at * NUM_PARAMETERS + p] = byN * scale.slopeBy[from] + byC * scale.curvatureBy[from];
    }
  };

  /** Adds to it what depends on omega_m and w_0 alone. */
  const addBackground = (s: number, c: number, [term, byOmegaM, byW0]: readonly number[]) => {
    const at = s * NUM_COEFFICIENTS + c;
    value[at] += term;
    by[at * NUM_PARAMETERS + OMEGA_C] += byOmegaM;
    by[at * NUM_PARAMETERS + OMEGA_B] += byOmegaM;
    by[at * NUM_PARAMETERS + W_0] += byW0;
  };

  /** Sets it from a function of ln R. */
  const setRadius = (s: number, c: number, [term, slope]: readonly number[], scale: NonlinearScale) => {
    const at = s * NUM_COEFFICIENTS + c;
    value[at] = term;
    for (let p = 0; p < NUM_PARAMETERS; p++) {
      by[at * NUM_PARAMETERS + p] = slope * scale.logRadiusBy[s * NUM_PARAMETERS + p];
    }
  };

  const fillRow = (cosmology: Cosmology, scale: NonlinearScale, s: number) => {
    const { logMatter, excess } = darkEnergyTerms(cosmology, redshift[s], form);
    const w = cosmology.w0 + (cosmology.wa ?? 0) * (redshift[s] / (1 + redshift[s]));
    const [f1, f2, f3] = matterExponents(logMatter[0], w, form).map(({ value: f, byLogMatter, byW }) => [
      f,
      byLogMatter * logMatter[1],
      byLogMatter * logMatter[2] + byW,
    ]);
    polynomials(scale.slope[s], scale.curvature[s]).forEach((fit, c) => {
      setFit(s, c, fit, scale);
    });
    setFit(s, THREE_F1, [0, 0, 0], scale);
    setFit(s, F2, [0, 0, 0], scale);
    addBackground(
      s,
      LOG_A,
      excess.map((x) => LN10 * 0.1749 * x),
    );
    addBackground(
      s,
      LOG_B,
      excess.map((x) => LN10 * 0.2279 * x),
    );
    addBackground(s, LOG_C, [Math.log(f3[0]), f3[1] / f3[0], f3[2] / f3[0]]);
    addBackground(
      s,
      THREE_F1,
      f1.map((x) => 3 * x),
    );
    addBackground(s, F2, f2);
    setRadius(s, LOG_RADIUS, [scale.logRadius[s], 1], scale);
    const exists = scale.hasScale[s] === 1;
    const fades = exists && form === 'takahashi';
    setRadius(s, BLEND, fades ? blendOf(scale.logRadius[s]) : [exists ? 1 : 0, 0], scale);
  };

  const evaluate = (cosmology: Cosmology, scale: NonlinearScale): HalofitCoefficients => {
    for (let s = 0; s < n; s++) fillRow(cosmology, scale, s);
    return coefficients;
  };
  return { evaluate };
}
