import { dot, type LowRank, stretch } from './low-rank.ts';
import { dimensionOf, type Metric } from './metric.ts';

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
export function directionsOf(metric: Metric, { directions }: LowRank): Float64Array {
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
