import type { Key } from '@lensfield/contracts';
import { fillNormalFloat64, InvalidArgumentError } from '@lensfield/kernels';
import { choleskyOf } from './_cholesky.ts';
import { checkLowRank, dot, type LowRank, stretch } from './low-rank.ts';

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

/** Fills `momentum` with a draw of N(0, M), M the mass matrix. */
export function drawMomentum(key: Key, metric: Metric, momentum: Float64Array): void {
  const { numDense: k, denseCholesky, diagonal } = metric;
  fillNormalFloat64(key, momentum);
  if (metric.lowRank !== undefined) stretch(metric.lowRank, -0.5, momentum);
  // With M^-1 = L L', the solution of L' p = z has covariance M: back substitution.
  for (let i = k - 1; i >= 0; i--) {
    let rest = momentum[i];
    for (let j = i + 1; j < k; j++) rest -= denseCholesky[j * k + i] * momentum[j];
    momentum[i] = rest / denseCholesky[i * k + i];
  }
  for (let i = 0; i < diagonal.length; i++) momentum[k + i] /= Math.sqrt(diagonal[i]);
}

/** p' M^-1 p / 2, summed in float64. */
export function kineticEnergy(metric: Metric, momentum: Float64Array): number {
  const { numDense: k, diagonal } = metric;
  let twice = 0;
  for (let i = 0; i < k; i++) twice += momentum[i] * denseVelocity(metric, momentum, i);
  for (let i = 0; i < diagonal.length; i++) twice += diagonal[i] * momentum[k + i] * momentum[k + i];
  return (twice + lowRankSquare(metric, momentum)) / 2;
}

/** Component i of M^-1 p inside the dense block. */
export function denseVelocity({ numDense: k, dense }: Metric, momentum: Float64Array, i: number): number {
  let velocity = 0;
  for (let j = 0; j < k; j++) velocity += dense[i * k + j] * momentum[j];
  return velocity;
}

/** The momentum along the directions of the low-rank part: p' M^-1 q has a share of sum_k (variances_k - 1) p_k q_k in them. */
export function lowRankProjections(metric: Metric, momentum: Float64Array): Float64Array {
  if (metric.lowRank === undefined) return new Float64Array(0);
  const directions = directionsOf(metric, metric.lowRank);
  const n = momentum.length;
  return metric.lowRank.variances.map((_, k) => dot(directions, k * n, momentum, 0, n));
}

/** The share of the low-rank part in p' M^-1 p. */
export function lowRankSquare(metric: Metric, momentum: Float64Array): number {
  if (metric.lowRank === undefined) return 0;
  const { variances } = metric.lowRank;
  return lowRankProjections(metric, momentum).reduce(
    (sum, along, k) => sum + (variances[k] - 1) * along * along,
    0,
  );
}

/** position += time times the share of the low-rank part in M^-1 p. */
export function driftLowRank(
  metric: Metric,
  momentum: Float64Array,
  time: number,
  position: Float64Array,
): void {
  if (metric.lowRank === undefined) return;
  const { variances } = metric.lowRank;
  const directions = directionsOf(metric, metric.lowRank);
  const n = position.length;
  const projections = lowRankProjections(metric, momentum);
  for (let k = 0; k < variances.length; k++) {
    const along = time * (variances[k] - 1) * projections[k];
    for (let i = 0; i < n; i++) position[i] += along * directions[k * n + i];
  }
}

/*
 * White coordinates w, in which the metric is the unit one: q = C w with the inverse mass matrix C C'. C is B (I + U (diag(variances)^1/2 -
 * I) U') with B that of the block metric: lower triangular in the dense block, roots of the diagonal.
 */

/** Roots of the diagonal, computed once for a metric. */
function deviationsOf(metric: Metric): Float64Array {
  const known = knownDeviations.get(metric);
  if (known !== undefined) return known;
  const deviations = metric.diagonal.map(Math.sqrt);
  knownDeviations.set(metric, deviations);
  return deviations;
}

const knownDeviations = new WeakMap<Metric, Float64Array>();

/** The directions of the low-rank part in coordinates of the target, B u, computed once for a metric. */
function directionsOf(metric: Metric, { directions }: LowRank): Float64Array {
  const known = knownDirections.get(metric);
  if (known !== undefined) return known;
  const n = dimensionOf(metric);
  const moved = new Float64Array(directions.length);
  for (let at = 0; at < directions.length; at += n)
    moveInBlock(metric, directions.subarray(at, at + n), 1, moved.subarray(at, at + n));
  knownDirections.set(metric, moved);
  return moved;
}

const knownDirections = new WeakMap<Metric, Float64Array>();

/** The gradient in white coordinates, C' g. */
export function whitenGradient(metric: Metric, gradient: Float64Array, out: Float64Array): void {
  const { numDense: k, denseCholesky } = metric;
  const deviations = deviationsOf(metric);
  for (let j = 0; j < k; j++) {
    let sum = 0;
    for (let i = j; i < k; i++) sum += denseCholesky[i * k + j] * gradient[i];
    out[j] = sum;
  }
  for (let i = 0; i < deviations.length; i++) out[k + i] = deviations[i] * gradient[k + i];
  if (metric.lowRank !== undefined) stretch(metric.lowRank, 0.5, out);
}

/** White coordinates of a position, C^-1 q. */
export function whitenPosition(metric: Metric, position: Float64Array, out: Float64Array): void {
  const { numDense: k, denseCholesky } = metric;
  const deviations = deviationsOf(metric);
  for (let i = 0; i < k; i++) {
    let rest = position[i];
    for (let j = 0; j < i; j++) rest -= denseCholesky[i * k + j] * out[j];
    out[i] = rest / denseCholesky[i * k + i];
  }
  for (let i = 0; i < deviations.length; i++) out[k + i] = position[k + i] / deviations[i];
  if (metric.lowRank !== undefined) stretch(metric.lowRank, -0.5, out);
}

/** position += length C u: a straight way in white coordinates along the vector u of them. */
export function moveAlong(
  metric: Metric,
  direction: Float64Array,
  length: number,
  position: Float64Array,
): void {
  moveInBlock(metric, direction, length, position);
  if (metric.lowRank === undefined) return;
  const { directions, variances } = metric.lowRank;
  const moved = directionsOf(metric, metric.lowRank);
  const n = position.length;
  for (let k = 0; k < variances.length; k++) {
    const along = length * (Math.sqrt(variances[k]) - 1) * dot(directions, k * n, direction, 0, n);
    for (let i = 0; i < n; i++) position[i] += along * moved[k * n + i];
  }
}

/** position += length B u, with the root B of block and diagonal. */
function moveInBlock(metric: Metric, direction: Float64Array, length: number, position: Float64Array): void {
  const { numDense: k, denseCholesky } = metric;
  const deviations = deviationsOf(metric);
  for (let i = 0; i < k; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += denseCholesky[i * k + j] * direction[j];
    position[i] += length * sum;
  }
  for (let i = 0; i < deviations.length; i++) position[k + i] += length * deviations[i] * direction[k + i];
}
