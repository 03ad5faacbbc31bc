import { InvalidArgumentError } from '@lensfield/kernels';
import { choleskyOf } from './_cholesky.ts';
import { checkLowRank, type LowRank } from './low-rank.ts';

/**
 * A Euclidean metric, given by its inverse mass matrix: a dense block for the first `numDense` coordinates and a diagonal for the
 * rest, and on top of them a few directions of the whole space. The best inverse mass matrix is the covariance of the target. Plain
 * data; the unit, diagonal and dense metrics are special cases. Build it with {@link unitMetric}, {@link diagonalMetric},
 * {@link denseMetric}, {@link blockMetric} or {@link lowRankMetric}.
 */
export interface Metric {
  readonly numDense: number;
  /** Inverse mass matrix of the first coordinates, row-major [numDense, numDense]. */
  readonly dense: Float64Array;
  /** Lower Cholesky factor of `dense`, row-major [numDense, numDense]. */
  readonly denseCholesky: Float64Array;
  /** Inverse masses of the other coordinates, shape [dimension - numDense]. */
  readonly diagonal: Float64Array;
  /** Directions in which the inverse mass matrix is not that of block and diagonal. Absent: none. */
  readonly lowRank?: LowRank;
  /** Default: centred on the origin, one speed. */
  readonly reference?: GaussianReference;
}

/** The Gaussian in which integrators with the flow `gaussian` move; its covariance is the inverse mass matrix. */
export interface GaussianReference {
  /** Its mean, shape [dimension]. */
  readonly centre: Float64Array;
  /**
   * How much faster than the others the coordinates of the dense block turn: their covariance is the dense block over its square.
   */
  readonly denseSpeed: number;
}

/** Inverse mass one everywhere. */
export function unitMetric(dimension: number): Metric {
  if (!Number.isSafeInteger(dimension) || dimension < 1) {
    throw new InvalidArgumentError(
      'dimension',
      `hmc.unitMetric: dimension must be a positive whole number; got ${dimension}.`,
    );
  }
  return blockMetric(new Float64Array(0), new Float64Array(dimension).fill(1));
}

/**
 * Independent coordinates.
 *
 * @param variances  Inverse masses: variances of the target, shape [dimension].
 * @throws {InvalidArgumentError} if one is not positive and finite.
 */
export function diagonalMetric(variances: Float64Array): Metric {
  return blockMetric(new Float64Array(0), variances);
}

/**
 * All coordinates correlated. Costs dimension^2 per integrator step: for at most a few hundred dimensions.
 *
 * @param covariance  Inverse mass matrix: covariance of the target, row-major [dimension, dimension].
 * @throws {InvalidArgumentError} if it is not square, symmetric and positive definite.
 */
export function denseMetric(covariance: Float64Array): Metric {
  return blockMetric(covariance, new Float64Array(0));
}

/**
 * A few correlated coordinates before many independent ones: cosmology before latent pixels.
 *
 * @param covariance  Inverse mass matrix of the first k coordinates, row-major [k, k]; it may be empty.
 * @param variances   Inverse masses of the rest, shape [dimension - k]; it may be empty.
 * @throws {InvalidArgumentError} if the block is not symmetric positive definite or a variance is not positive and finite.
 */
export function blockMetric(covariance: Float64Array, variances: Float64Array): Metric {
  const numDense = Math.round(Math.sqrt(covariance.length));
  if (numDense * numDense !== covariance.length) {
    throw new InvalidArgumentError(
      'covariance',
      `hmc.blockMetric: covariance must be square, of length k^2; got length ${covariance.length}.`,
    );
  }
  const denseCholesky = choleskyOf(covariance, numDense);
  if (denseCholesky === undefined) {
    throw new InvalidArgumentError(
      'covariance',
      'hmc.blockMetric: covariance must be symmetric and positive definite; got a matrix that is not. ' +
        'Symmetrise it, or add a small multiple of the identity.',
    );
  }
  const bad = variances.findIndex((value) => !(value > 0 && value < Number.POSITIVE_INFINITY));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'variances',
      `hmc.blockMetric: variances must be positive and finite; got ${variances[bad]} at ${bad}. Use 1 where it is unknown.`,
    );
  }
  return { numDense, dense: covariance.slice(), denseCholesky, diagonal: variances.slice() };
}

/**
 * A few correlated directions of very many coordinates: inverse mass matrix C (I + U (diag(variances) - I) U') C', where C C' is that of
 * `block`. Costs 4 * dimension * directions operations per integrator step, and in NUTS as much again.
 *
 * @param directions  Orthonormal rows in white coordinates of `block`, those in which it is the unit metric; [count, dimension].
 * @param variances   Of the target along them, in white coordinates; shape [count].
 * @throws {InvalidArgumentError} if the directions are not orthonormal or a variance is not positive and finite.
 *
 * Proof: every operation against the dense metric of the same matrix (test/metric.test.ts).
 */
export function lowRankMetric(block: Metric, directions: Float64Array, variances: Float64Array): Metric {
  const lowRank = { directions: directions.slice(), variances: variances.slice() };
  checkLowRank(lowRank, dimensionOf(block));
  const { lowRank: _, ...rest } = block;
  return variances.length === 0 ? rest : { ...rest, lowRank };
}

/** Number of coordinates that the metric covers. */
export function dimensionOf(metric: Metric): number {
  return metric.numDense + metric.diagonal.length;
}
