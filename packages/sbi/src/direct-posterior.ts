import type { ConditionalDensity, FloatArray, Key, NdArray, Posterior, Prior } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { cutPosterior } from './cut-posterior.ts';
import type { JointPrior } from './joint-prior.ts';

/** A posterior that can be drawn from and evaluated directly, and that says how much of its density it had to cut off. */
export interface DirectPosterior extends Posterior {
  /** Normalised over the prior's support; -Infinity outside. */
  logProb(theta: Float64Array): number;
  /** `logProb` of rows, shape [n, names.length] to [n]. */
  logProbMany(theta: NdArray<FloatArray>): Float64Array;
  /**
   * Share of the estimator's mass outside the prior's support, which is cut off. Zero in unconstrained coordinates, unless the
   * prior is truncated.
   */
  readonly leakedFraction: number;
}

export interface DirectPosteriorOptions {
  /** q(y | context), where y are the parameters in `coordinates`. */
  readonly density: ConditionalDensity;
  /** A prior that was cut by `truncatePrior` cuts the posterior too. */
  readonly prior: Prior & Pick<Partial<JointPrior>, 'region'>;
  /** The summaries of the observation, shape [density.contextDimension]. */
  readonly context: Float32Array;
  /**
   * What y is: the prior's `unconstrained` coordinates, in which nothing can leak, or the parameters themselves
   * (`constrained`), where mass outside the support is measured, rejected and the rest renormalised. Default
   * `unconstrained`.
   */
  readonly coordinates?: 'unconstrained' | 'constrained';
}

/**
 * The posterior that a conditional density gives for one observation. It never leaves the prior's support.
 *
 * @throws {InvalidArgumentError} if the context has the wrong length or is not finite.
 * @throws {NumericalError} if fewer than 1 in 1000 draws lie inside the support.
 */
export function directPosterior(options: DirectPosteriorOptions): DirectPosterior {
  const { density, prior, context } = options;
  requireContext(density, prior, context);
  return (options.coordinates ?? 'unconstrained') === 'unconstrained'
    ? unconstrainedPosterior(density, prior, context)
    : constrainedPosterior(density, prior, context);
}

function unconstrainedPosterior(
  density: ConditionalDensity,
  prior: Prior & Pick<Partial<JointPrior>, 'region'>,
  context: Float32Array,
): DirectPosterior {
  const size = prior.names.length;
  const shared = { shape: [1, context.length], data: context };
  const logProbMany = (theta: NdArray<FloatArray>): Float64Array => {
    const { u, logJacobian } = coordinatesOf(prior, theta);
    const logProb = density.logProb(u, shared);
    return logJacobian.map((value, row) => logProb[row] - value);
  };
  const whole = {
    names: prior.names,
    sample: (key: Key, n: number) => thetaOf(prior, density.sample(key, context, n)),
    logProbMany,
  };
  const { region } = prior;
  if (region) return cutPosterior({ ...whole, containsMany: (theta) => region.containsMany(theta) });
  return {
    ...whole,
    leakedFraction: 0,
    logProb: (theta) => logProbMany({ shape: [1, size], data: theta })[0],
  };
}

/** u of rows of theta with log |d theta / d u|; infinite, and u zero, where a row is outside the bounds or on one. */
export function coordinatesOf(
  prior: Prior,
  theta: NdArray<FloatArray>,
): { u: NdArray<Float32Array>; logJacobian: Float64Array } {
  const [n, size] = theta.shape;
  const u = new Float32Array(n * size);
  const logJacobian = new Float64Array(n).fill(Infinity);
  for (let row = 0; row < n; row++) {
    const point = Float64Array.from(theta.data.subarray(row * size, (row + 1) * size));
    if (!isWithin(prior, point)) continue;
    const coordinates = prior.toUnconstrained(point);
    u.set(coordinates, row * size);
    logJacobian[row] = prior.fromUnconstrained(coordinates).logJacobian;
  }
  return { u: { shape: [n, size], data: u }, logJacobian };
}

/** Strictly between the bounds in every parameter. */
export function isWithin({ bounds }: Pick<Prior, 'bounds'>, point: Float64Array): boolean {
  return point.every((value, j) => value > bounds[j][0] && value < bounds[j][1]);
}

/** Parameters of unconstrained points [n, d], rounded to float32 inside the support. */
export function thetaOf(prior: Prior, u: NdArray<Float32Array>): NdArray<Float32Array> {
  const size = prior.names.length;
  const data = new Float32Array(u.data.length);
  for (let start = 0; start < data.length; start += size) {
    const { theta } = prior.fromUnconstrained(Float64Array.from(u.data.subarray(start, start + size)));
    for (let j = 0; j < size; j++) data[start + j] = roundInside(theta[j], prior.bounds[j]);
  }
  return { shape: u.shape, data };
}

/** The float32 next to `value` that lies between the bounds: on a bound itself u is infinite and the density zero. */
function roundInside(value: number, [low, high]: readonly [number, number]): number {
  const rounded = Math.fround(value);
  const ulp = Math.max(2 ** -23 * Math.abs(rounded), 2 ** -149);
  if (rounded >= high) return Math.fround(rounded - ulp);
  return rounded <= low ? Math.fround(rounded + ulp) : rounded;
}

function constrainedPosterior(
  density: ConditionalDensity,
  prior: Prior,
  context: Float32Array,
): DirectPosterior {
  const shared = { shape: [1, context.length], data: context };
  return cutPosterior({
    names: prior.names,
    sample: (key, n) => density.sample(key, context, n),
    logProbMany: (theta) =>
      Float64Array.from(density.logProb({ shape: theta.shape, data: Float32Array.from(theta.data) }, shared)),
    containsMany(theta) {
      const [n, size] = theta.shape;
      return Array.from({ length: n }, (_, row) =>
        prior.bounds.every(([low, high], j) => {
          const value = theta.data[row * size + j];
          return value >= low && value <= high;
        }),
      );
    },
  });
}

/** Throws unless the summaries are as many as the density takes, and finite. */
export function requireContext(
  density: Pick<ConditionalDensity, 'dimension' | 'contextDimension'>,
  prior: Prior,
  context: Float32Array,
): void {
  if (density.dimension !== prior.names.length) {
    throw new InvalidArgumentError(
      'density',
      `sbi.directPosterior: density must have dimension ${prior.names.length} as the prior; got ${density.dimension}.`,
    );
  }
  if (context.length !== density.contextDimension) {
    throw new InvalidArgumentError(
      'context',
      `sbi.directPosterior: the observation must have ${density.contextDimension} summaries; got ${context.length}.`,
    );
  }
  const bad = context.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'context',
      `sbi.directPosterior: the observation must be finite; got ${context[bad]} in summary ${bad}. Look for NaN in the map.`,
    );
  }
}
