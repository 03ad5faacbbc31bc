import { createGaussianLikelihood, type GaussianLikelihood } from '@lensfield/cosmology';
import { cholesky, choleskySolve, inverse } from '@lensfield/kernels';
import type { JointPrior } from '@lensfield/sbi';
import { finiteOr } from '../finite-or.ts';
import type { BandPowers, BandTheory } from './band-powers.ts';
import { wishartLikelihood } from './wishart-likelihood.ts';

/** The most probable parameters given the spectra of a map. */
export interface SpectraFit {
  /** Free parameters, [parameters]. */
  readonly theta: Float64Array;
  readonly unconstrained: Float64Array;
  /** Of the unconstrained parameters there, see {@link spectraCovariance}; row-major [parameters, parameters]. */
  readonly parameterCovariance: Float64Array;
  /** Of the measured spectra if the fit is the truth, [bands, pairs, pairs]. */
  readonly covariance: Float64Array;
  /** r^T Cov^-1 r of the fit. */
  readonly chiSquare: number;
  /** Measured numbers less parameters. */
  readonly degreesOfFreedom: number;
}

/** The posterior near a point of unconstrained parameters, as a Gaussian. */
export interface LocalPosterior {
  readonly covariance: Float64Array;
  readonly likelihood: GaussianLikelihood;
  readonly logLikelihood: number;
  /** Of the log posterior, the standard normal prior included, [parameters]. */
  readonly gradient: Float64Array;
  /** Expected curvature, the prior included, row-major [parameters, parameters]. */
  readonly fisher: Float64Array;
}

const MOST_STEPS = 40;
/** Of a step in posterior standard deviations at which the fit ends. */
const TOLERANCE = 1e-3;
const MOST_HALVINGS = 12;

/**
 * Steps of Fisher scoring from a point to the maximum of the posterior whose likelihood is that of Gaussian fields. Its slope is that of a
 * Gaussian likelihood with the covariance at the same point, so that the fit is also the mode of the likelihood that is then sampled. Where
 * a map is like no cosmology and the steps do not settle, it ends where they have come: only the place of the covariance is at stake.
 *
 * @throws {InvalidArgumentError} or {NumericalError} if the start describes no universe.
 */
export function fitSpectra(
  theory: BandTheory,
  measured: BandPowers,
  prior: JointPrior,
  start: Float64Array,
): SpectraFit {
  const likelihood = wishartLikelihood(theory, measured);
  const logPosterior = (u: Float64Array): number =>
    finiteOr(
      -Infinity,
      () => likelihood(prior.complete(prior.fromUnconstrained(u).theta)) - 0.5 * dotOf(u, u),
    );
  let unconstrained = start;
  let local = localPosterior(theory, measured, prior, unconstrained);
  for (let step = 0; step < MOST_STEPS; step++) {
    const move = newtonStep(local);
    if (lengthOf(move, local) < TOLERANCE) break;
    unconstrained = climb(logPosterior, unconstrained, move);
    local = localPosterior(theory, measured, prior, unconstrained);
  }
  return fitAt(local, measured, prior, unconstrained);
}

/** The Gaussian likelihood with the covariance at a point, and the posterior around it. */
export function localPosterior(
  theory: BandTheory,
  measured: BandPowers,
  prior: JointPrior,
  unconstrained: Float64Array,
): LocalPosterior {
  const { theta, jacobian: ofPrior } = prior.fromUnconstrained(unconstrained);
  const { values, jacobian } = theory.evaluate(prior.complete(theta));
  const covariance = theory.covariance(values, measured.numModes);
  const likelihood = createGaussianLikelihood(measured.values, covariance);
  const weighted = new Float64Array(values.length);
  const logLikelihood = likelihood.logLikelihood(values, weighted);
  const slopes = unconstrainedSlopes(jacobian, ofPrior, prior);
  const size = slopes.length;
  const gradient = Float64Array.from(slopes, (slope, a) => dotOf(slope, weighted) - unconstrained[a]!);
  const fisher = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    likelihood.weigh(slopes[a]!, weighted);
    for (let b = 0; b <= a; b++) {
      fisher[a * size + b] = fisher[b * size + a] = dotOf(slopes[b]!, weighted) + (a === b ? 1 : 0);
    }
  }
  return { covariance, likelihood, logLikelihood, gradient, fisher };
}

/** Derivatives of the expected powers in each unconstrained parameter, [parameters][pairs * bands]. */
function unconstrainedSlopes(
  jacobian: Float64Array,
  ofPrior: Float64Array,
  { names, parameterNames }: JointPrior,
): Float64Array[] {
  const length = jacobian.length / parameterNames.length;
  return names.map((_, a) => {
    const slope = new Float64Array(length);
    names.forEach((name, i) => {
      const start = parameterNames.indexOf(name) * length;
      const factor = ofPrior[i * names.length + a]!;
      if (factor !== 0) for (let k = 0; k < length; k++) slope[k]! += factor * jacobian[start + k]!;
    });
    return slope;
  });
}

const newtonStep = ({ fisher, gradient }: LocalPosterior): Float64Array =>
  choleskySolve(cholesky(fisher, gradient.length), gradient, gradient.length);

/** Length of a step in posterior standard deviations; of a Newton step it is the root of its slope along the gradient. */
const lengthOf = (move: Float64Array, { gradient }: LocalPosterior): number =>
  Math.sqrt(dotOf(move, gradient));

/** The point of a step, halved until the posterior has risen. */
function climb(
  logPosterior: (u: Float64Array) => number,
  from: Float64Array,
  move: Float64Array,
): Float64Array {
  const before = logPosterior(from);
  for (let halving = 0; halving < MOST_HALVINGS; halving++) {
    const to = from.map((u, a) => u + move[a]! * 2 ** -halving);
    if (logPosterior(to) > before) return to;
  }
  return from;
}

function fitAt(
  local: LocalPosterior,
  measured: BandPowers,
  prior: JointPrior,
  unconstrained: Float64Array,
): SpectraFit {
  return {
    theta: prior.fromUnconstrained(unconstrained).theta,
    unconstrained,
    parameterCovariance: spectraCovariance(local),
    covariance: local.covariance,
    chiSquare: -2 * local.logLikelihood,
    degreesOfFreedom: measured.values.length - unconstrained.length,
  };
}

/** Covariance of the unconstrained parameters that the spectra allow around a point: the inverse Fisher matrix. */
function spectraCovariance({ fisher, gradient }: LocalPosterior): Float64Array {
  const size = gradient.length;
  const matrix = inverse(fisher, size);
  // Rounding leaves an inverse symmetric to a few digits; a metric wants all of them.
  return matrix.map((value, at) => 0.5 * (value + matrix[(at % size) * size + Math.floor(at / size)]!));
}

function dotOf(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
