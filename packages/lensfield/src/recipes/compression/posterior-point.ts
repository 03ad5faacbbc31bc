import type { Key } from '@lensfield/contracts';
import type { DirectPosterior, JointPrior } from '@lensfield/sbi';

/** Mean and covariance of a posterior in the prior's unconstrained coordinates. */
export interface PosteriorPoint {
  readonly mean: Float64Array;
  /** [d, d]. */
  readonly covariance: Float64Array;
}

/** Draws behind the point: its mean is good to a hundredth of a standard deviation. */
const NUM_DRAWS = 10_000;

/** Where a posterior is. */
export function posteriorPoint(prior: JointPrior, posterior: DirectPosterior, key: Key): PosteriorPoint {
  const { data } = posterior.sample(key, NUM_DRAWS);
  const size = prior.names.length;
  const draws = new Float64Array(data.length);
  const mean = new Float64Array(size);
  for (let start = 0; start < data.length; start += size) {
    const u = prior.toUnconstrained(Float64Array.from(data.subarray(start, start + size)));
    draws.set(u, start);
    for (let j = 0; j < size; j++) mean[j]! += u[j]! / NUM_DRAWS;
  }
  const covariance = new Float64Array(size * size);
  for (let start = 0; start < draws.length; start += size)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        covariance[i * size + j]! +=
          ((draws[start + i]! - mean[i]!) * (draws[start + j]! - mean[j]!)) / NUM_DRAWS;
  return { mean, covariance };
}
