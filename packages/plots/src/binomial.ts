/**
 * Smallest k with P(X <= k) >= p for X binomial(n, q). Sums the exact probabilities in log space.
 */
export function binomialQuantile(p: number, n: number, q: number): number {
  if (q <= 0) return 0;
  if (q >= 1) return n;
  let logTerm = n * Math.log1p(-q);
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    sum += Math.exp(logTerm);
    if (sum >= p) return k;
    logTerm += Math.log(((n - k) * q) / ((k + 1) * (1 - q)));
  }
  return n;
}
