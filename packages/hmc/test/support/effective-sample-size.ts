/** Mean, variance and effective sample size of one chain; the size by Geyer's initial monotone sequence (1992, section 3.3). */
export function summaryOf(values: Float64Array) {
  const n = values.length;
  let mean = 0;
  for (const value of values) mean += value / n;
  const covarianceAt = (lag: number) => {
    let sum = 0;
    for (let i = 0; i + lag < n; i++) sum += (values[i] - mean) * (values[i + lag] - mean);
    return sum / n;
  };
  const variance = covarianceAt(0);
  let time = -variance;
  let last = Number.POSITIVE_INFINITY;
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = covarianceAt(lag) + covarianceAt(lag + 1);
    if (pair <= 0) break;
    last = Math.min(last, pair);
    time += 2 * last;
  }
  // Antithetic chains may have more than n effective draws; the standard error keeps a floor of that of 3 n.
  const effectiveSize = Math.min(3 * n, n * (variance / Math.max(time, variance / (3 * n))));
  return { mean, variance, effectiveSize };
}

/**
 * Largest deviation of the chain's mean and variance from the truth in standard errors: sd / sqrt(ESS of x) for the mean; for the
 * variance, sd of (x - mean)^2 over sqrt(its own ESS).
 */
export function deviationsInErrors(values: Float64Array, truth: { mean: number; variance: number }) {
  const first = summaryOf(values);
  const second = summaryOf(values.map((x) => (x - truth.mean) ** 2));
  return {
    mean: Math.abs(first.mean - truth.mean) / Math.sqrt(first.variance / first.effectiveSize),
    variance: Math.abs(second.mean - truth.variance) / Math.sqrt(second.variance / second.effectiveSize),
    effectiveSize: first.effectiveSize,
  };
}
