import type { NdArray } from '@lensfield/contracts';
import { cholesky, choleskySolve } from '@lensfield/kernels';

/** How far an observation lies from the simulations, measured in their summaries. */
export interface ObservationCheck {
  /** Mahalanobis distance from the mean of the training summaries. */
  readonly distance: number;
  /** Share of the training summaries that lie closer. */
  readonly percentile: number;
  /** True beyond 99.9 % of them: the estimator then extrapolates. */
  readonly isUnusual: boolean;
}

/** Mean, covariance factor and distances of the training summaries: plain data. */
export interface SummaryDistribution {
  readonly mean: Float64Array;
  /** Lower Cholesky factor, row-major. */
  readonly factor: Float64Array;
  /** Distances of training summaries at equally spaced percentiles, ascending, from the nearest to the farthest. */
  readonly distances: Float64Array;
}

/** Percentiles kept of the training distances. */
const NUM_PERCENTILES = 2001;

const UNUSUAL = 0.999;

/** Describes training summaries, shape [n, numSummaries]. */
export function summaryDistribution(summaries: NdArray<Float32Array>): SummaryDistribution {
  const [n, size] = summaries.shape;
  const mean = new Float64Array(size);
  const { data } = summaries;
  for (let i = 0; i < data.length; i++) mean[i % size] += data[i] / n;
  const covariance = new Float64Array(size * size);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < size; i++) {
      const di = (data[row * size + i] - mean[i]) / n;
      for (let j = 0; j < size; j++) covariance[i * size + j] += di * (data[row * size + j] - mean[j]);
    }
  }
  // Keeps the factor regular where a summary is constant or a combination of others.
  for (let i = 0; i < size; i++) covariance[i * size + i] = covariance[i * size + i] * (1 + 1e-6) + 1e-30;
  const factor = cholesky(covariance, size);
  const all = Float64Array.from({ length: n }, (_, row) =>
    mahalanobis(mean, factor, data.subarray(row * size, (row + 1) * size)),
  ).sort();
  const distances = Float64Array.from(
    { length: NUM_PERCENTILES },
    (_, i) => all[Math.round((i / (NUM_PERCENTILES - 1)) * (n - 1))],
  );
  return { mean, factor, distances };
}

/** Compares one observation with the training summaries. */
export function checkObservation(
  distribution: SummaryDistribution,
  observation: Float32Array,
): ObservationCheck {
  const distance = mahalanobis(distribution.mean, distribution.factor, observation);
  const closer = distribution.distances.filter((d) => d < distance).length;
  const percentile = closer / distribution.distances.length;
  return { distance, percentile, isUnusual: percentile > UNUSUAL };
}

/** What a reader should know of an observation, in words; usually nothing. */
export function observationWarnings({ isUnusual, distance, percentile }: ObservationCheck): string[] {
  if (!isUnusual) return [];
  return [
    `The observation is farther from the mean of the simulations (Mahalanobis distance ${distance.toFixed(1)}) than ${(percentile * 100).toFixed(1)} % of them: the posterior extrapolates. Check map, survey and prior.`,
  ];
}

function mahalanobis(mean: Float64Array, factor: Float64Array, point: Float32Array): number {
  const difference = mean.map((value, i) => point[i] - value);
  const solved = choleskySolve(factor, difference, mean.length);
  return Math.sqrt(difference.reduce((sum, value, i) => sum + value * solved[i], 0));
}
