/**
 * Integrated autocorrelation time of a series, in its steps: what its length over its effective size is. NaN for a constant series.
 *
 * Accuracy: within 5 standard errors of that of an autoregression (test/autocorrelation-time.test.ts).
 * Source: Geyer (1992), "Practical Markov chain Monte Carlo", section 3.3, initial monotone sequence.
 */
export function autocorrelationTime(series: Float64Array): number {
  const n = series.length;
  const mean = series.reduce((sum, value) => sum + value, 0) / n;
  const centred = series.map((value) => value - mean);
  const covarianceAt = (lag: number) => {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += centred[i] * centred[i - lag];
    return sum / n;
  };
  const variance = covarianceAt(0);
  let total = -variance;
  let last = Number.POSITIVE_INFINITY;
  for (let lag = 0; lag + 1 < n; lag += 2) {
    const pair = covarianceAt(lag) + covarianceAt(lag + 1);
    if (pair <= 0) break;
    last = Math.min(last, pair);
    total += 2 * last;
  }
  return total / variance;
}
