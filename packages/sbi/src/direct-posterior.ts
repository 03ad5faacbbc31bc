import type { ConditionalDensity, Key, NdArray, Posterior, Prior } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, NumericalError } from '@lensfield/kernels';

/** A posterior that can be drawn from and evaluated directly, and that says how much of its density it had to cut off. */
export interface DirectPosterior extends Posterior {
  /** Normalised over the prior's support; -Infinity outside. */
  logProb(theta: Float64Array): number;
  /** `logProb` of rows, shape [n, names.length] to [n]. */
  logProbMany(theta: NdArray<Float32Array | Float64Array>): Float64Array;
  /** Share of the estimator's mass outside the prior's support, which is cut off. Zero in unconstrained coordinates. */
  readonly leakedFraction: number;
}

export interface DirectPosteriorOptions {
  /** q(y | context), where y are the parameters in `coordinates`. */
  readonly density: ConditionalDensity;
  readonly prior: Prior;
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
 * @throws {NumericalError} if fewer than 1 in 1000 draws of a `constrained` density lie inside the support.
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
  prior: Prior,
  context: Float32Array,
): DirectPosterior {
  const size = prior.names.length;
  const shared = { shape: [1, context.length], data: context };
  const logProbMany = (theta: NdArray<Float32Array | Float64Array>): Float64Array => {
    const n = theta.shape[0];
    const u = new Float32Array(n * size);
    const logJacobian = new Float64Array(n);
    for (let row = 0; row < n; row++) {
      const point = Float64Array.from(theta.data.subarray(row * size, (row + 1) * size));
      logJacobian[row] = Infinity;
      if (prior.logProb(point) === -Infinity) continue;
      const coordinates = prior.toUnconstrained(point);
      u.set(coordinates, row * size);
      // On a bound u is infinite and the density is zero.
      if (coordinates.every(Number.isFinite)) {
        logJacobian[row] = prior.fromUnconstrained(coordinates).logJacobian;
      } else u.fill(0, row * size, (row + 1) * size);
    }
    const logProb = density.logProb({ shape: [n, size], data: u }, shared);
    return logJacobian.map((value, row) => logProb[row] - value);
  };
  return {
    names: prior.names,
    leakedFraction: 0,
    sample: (key, n) => thetaOf(prior, density.sample(key, context, n)),
    logProbMany,
    logProb: (theta) => logProbMany({ shape: [1, size], data: theta })[0],
  };
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

/** Draws behind the leaked fraction: its standard error is at most 0.5 / sqrt(20000) = 0.0035. */
const LEAK_DRAWS = 20_000;
const LEAK_KEY: Key = [0, 0x1ea4];
const SMALLEST_ACCEPTANCE = 1e-3;

function constrainedPosterior(
  density: ConditionalDensity,
  prior: Prior,
  context: Float32Array,
): DirectPosterior {
  const size = prior.names.length;
  const shared = { shape: [1, context.length], data: context };
  const isInside = (row: Float32Array) =>
    row.every((v, j) => v >= prior.bounds[j][0] && v <= prior.bounds[j][1]);
  const drawInside = (key: Key, n: number) => insideRows(density.sample(key, context, n), size, isInside);
  const accepted = drawInside(LEAK_KEY, LEAK_DRAWS).length / LEAK_DRAWS;
  if (accepted < SMALLEST_ACCEPTANCE) {
    throw new NumericalError(
      'leakedFraction',
      `sbi.directPosterior: density must lie inside the prior's support; ${((1 - accepted) * 100).toFixed(2)} % of it is outside. Train in unconstrained coordinates, or check that the observation is like the simulations.`,
    );
  }
  const logProbMany = (theta: NdArray<Float32Array | Float64Array>): Float64Array => {
    const logProb = density.logProb({ shape: theta.shape, data: Float32Array.from(theta.data) }, shared);
    return Float64Array.from(logProb, (value, row) => {
      const point = Float32Array.from(theta.data.subarray(row * size, (row + 1) * size));
      return isInside(point) ? value - Math.log(accepted) : -Infinity;
    });
  };
  return {
    names: prior.names,
    leakedFraction: 1 - accepted,
    sample(key, n) {
      const data = new Float32Array(n * size);
      for (let filled = 0, round = 0; filled < n; round++) {
        const rows = drawInside(foldIn(key, round), Math.ceil((1.1 * (n - filled)) / accepted) + 16);
        for (const row of rows.slice(0, n - filled)) data.set(row, size * filled++);
      }
      return { shape: [n, size], data };
    },
    logProbMany,
    logProb: (theta) => logProbMany({ shape: [1, size], data: theta })[0],
  };
}

function insideRows(
  draws: NdArray<Float32Array>,
  size: number,
  isInside: (row: Float32Array) => boolean,
): Float32Array[] {
  const rows = Array.from({ length: draws.shape[0] }, (_, i) =>
    draws.data.subarray(i * size, (i + 1) * size),
  );
  return rows.filter(isInside);
}

function requireContext(density: ConditionalDensity, prior: Prior, context: Float32Array): void {
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
