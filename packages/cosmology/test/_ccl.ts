import { readFileSync } from 'node:fs';
import { type Cosmology, cosmologyOf, smailDistribution, tomographicBins } from '../src/index.ts';

interface Columns {
  readonly comoving_distance: number[];
  readonly angular_diameter_distance: number[];
  readonly E: number[];
  readonly growth_factor: number[];
  readonly growth_rate: number[];
  /** [scale factor][k]. */
  readonly pk_linear: number[][];
  readonly pk_halofit: number[][];
  /** [pair][ell]. */
  readonly cl: number[][];
}

/** One of the six points of test/fixtures/ccl (CCL 3.3.6 and jax_cosmo 0.1.0; made by generate.py there). */
export interface ReferencePoint {
  readonly point: number;
  readonly cosmology: Cosmology;
  readonly theta: Float64Array;
  readonly z: number[];
  readonly k: number[];
  readonly a: number[];
  readonly ell: number[];
  readonly ccl: Columns;
  readonly jax_cosmo: Columns;
}

function fixture(name: string) {
  return JSON.parse(readFileSync(new URL(`./fixtures/ccl/${name}`, import.meta.url), 'utf8'));
}

export const referencePoints: readonly ReferencePoint[] = [0, 1, 2, 3, 4, 5].map((i) => {
  const document = fixture(`point_0${i}.json`);
  const p = document.parameters;
  const theta = Float64Array.of(p.Omega_c, p.Omega_b, p.sigma8, p.h, p.n_s, p.w0);
  return { ...document, theta, cosmology: cosmologyOf(theta) };
});

export interface ReferenceBins {
  readonly edges: number[];
  readonly z: number[];
  readonly parent: number[];
  readonly bins: number[][];
  readonly mean_z: number[];
  readonly fraction: number[];
}

export const referenceBins: ReferenceBins = fixture('nz.json');

export const lsstParent = smailDistribution({ z0: 0.11, alpha: 2, beta: 0.68 });
export const lsstBins = tomographicBins(lsstParent, { numBins: 5 }).bins;

/** Largest relative difference; entries whose truth is zero must be zero. */
export function worst(values: ArrayLike<number>, truth: ArrayLike<number>): number {
  if (values.length !== truth.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < truth.length; i++) {
    const error = truth[i] === 0 ? Math.abs(values[i]) : Math.abs(values[i] / truth[i] - 1);
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

/**
 * Largest error of a Jacobian [6, n] of `f` against central differences with two Richardson steps, relative to the larger of the
 * derivative and a tenth of the value per unit of the parameter.
 */
export function worstJacobianError(
  f: (theta: Float64Array) => Float64Array,
  theta: Float64Array,
  jacobian: Float64Array,
): number {
  const values = f(theta);
  const n = values.length;
  let largest = 0;
  for (let p = 0; p < 6; p++) {
    const central = (h: number) => {
      const at = (x: number) => f(theta.map((value, i) => (i === p ? value + x : value)));
      const [above, below] = [at(h), at(-h)];
      return above.map((value, i) => (value - below[i]) / (2 * h));
    };
    const step = 2e-3 * Math.max(0.2, Math.abs(theta[p]));
    const [d1, d2, d4] = [central(step), central(step / 2), central(step / 4)];
    for (let i = 0; i < n; i++) {
      const richardson = (64 * d4[i] - 20 * d2[i] + d1[i]) / 45;
      const scale = Math.max(Math.abs(jacobian[p * n + i]), 0.1 * Math.abs(values[i]));
      const error = Math.abs(jacobian[p * n + i] - richardson) / scale;
      if (!(error <= largest)) largest = error;
    }
  }
  return largest;
}
