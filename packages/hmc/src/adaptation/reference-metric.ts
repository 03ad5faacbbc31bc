import type { GaussianReference, Metric } from '../metric.ts';
import type { RunningMoments } from '../running-moments.ts';

/**
 * The metric of known covariances in which the coordinates of the dense block move `denseSpeed` times faster than the others: their
 * inverse mass is its square times their covariance. `centre` is the mean of the target, for integrators that need one.
 */
export function metricWithSpeed(covariances: Metric, denseSpeed: number, centre?: Float64Array): Metric {
  if (denseSpeed === 1 && centre === undefined) return covariances;
  const reference: { reference?: GaussianReference } =
    centre === undefined ? {} : { reference: { centre, denseSpeed } };
  return {
    ...covariances,
    dense: covariances.dense.map((value) => value * denseSpeed ** 2),
    denseCholesky: covariances.denseCholesky.map((value) => value * denseSpeed),
    ...reference,
  };
}

/** What a window learned about the first coordinates, or all of them, in place of what was given. */
export function joinMetrics(learned: Metric, given: Metric): Metric {
  if (learned.diagonal.length === given.diagonal.length) return learned;
  return { ...given, dense: learned.dense, denseCholesky: learned.denseCholesky };
}

/** The means that a window learned about the first coordinates, or all of them, in place of those given. */
export function joinMeans({ mean }: RunningMoments, given: Float64Array): Float64Array {
  const centre = given.slice();
  centre.set(mean);
  return centre;
}
