import type { Key } from '@lensfield/contracts';
import { fillNormalFloat64 } from '@lensfield/kernels';
import { dot, stretch } from './low-rank.ts';
import type { Metric } from './metric.ts';
import { directionsOf } from './white-coordinates.ts';

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
