/** Running mean and sum of squared deviations per coordinate, shape [dimension] each. Plain data, updated in place. */
export interface RunningMoments {
  count: number;
  readonly mean: Float64Array;
  readonly squares: Float64Array;
}

export function emptyMoments(dimension: number): RunningMoments {
  return { count: 0, mean: new Float64Array(dimension), squares: new Float64Array(dimension) };
}

/**
 * Takes one more vector in.
 *
 * Source: Welford (1962), "Note on a method for calculating corrected sums of squares and products".
 */
export function addToMoments(moments: RunningMoments, vector: Float64Array): void {
  const { mean, squares } = moments;
  const share = 1 / ++moments.count;
  for (let i = 0; i < mean.length; i++) {
    const deviation = vector[i] - mean[i];
    const newMean = mean[i] + deviation * share;
    mean[i] = newMean;
    squares[i] += deviation * (vector[i] - newMean);
  }
}

/** Unbiased variances, shape [dimension]; NaN below two vectors. */
export function varianceOf({ count, squares }: RunningMoments): Float64Array {
  return squares.map((sum) => (count > 1 ? sum / (count - 1) : Number.NaN));
}

/**
 * Moments of several sets taken together, as if their vectors had been added to one.
 *
 * Source: Chan, Golub and LeVeque (1983), "Algorithms for computing the sample variance", eq. 2.1.
 */
export function pooledMoments(sets: readonly RunningMoments[]): RunningMoments {
  const pooled = emptyMoments(sets[0].mean.length);
  for (const { count, mean, squares } of sets) {
    const total = pooled.count + count;
    if (count === 0) continue;
    for (let i = 0; i < mean.length; i++) {
      const difference = mean[i] - pooled.mean[i];
      pooled.squares[i] += squares[i] + (difference * difference * pooled.count * count) / total;
      pooled.mean[i] += (difference * count) / total;
    }
    pooled.count = total;
  }
  return pooled;
}
