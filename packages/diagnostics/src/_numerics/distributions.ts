import { logGamma } from '@lensfield/kernels';

/** Relative change at which series and continued fractions stop. */
const PRECISION = 1e-15;
const MAX_TERMS = 100_000;
const TINY = 1e-300;

/** Probability that a chi-square variable with `degreesOfFreedom` exceeds `value`: the regularised gamma function Q(k/2, x/2). */
export function chiSquareSurvival(value: number, degreesOfFreedom: number): number {
  const a = degreesOfFreedom / 2;
  const x = value / 2;
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  // The series converges fast below the mean, the continued fraction above (Numerical Recipes, section 6.2).
  return x < a + 1 ? 1 - front * gammaSeries(a, x) : front * gammaFraction(a, x);
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MAX_TERMS && term > sum * PRECISION; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function gammaFraction(a: number, x: number): number {
  return 1 / lentz(x + 1 - a, (n) => [-n * (n - a), x + 2 * n + 1 - a]);
}

/** b0 + a1/(b1 + a2/(b2 + ...)) by Lentz's method. */
function lentz(b0: number, term: (n: number) => readonly [a: number, b: number]): number {
  let value = b0 || TINY;
  let c = value;
  let d = 0;
  for (let n = 1; n < MAX_TERMS; n++) {
    const [a, b] = term(n);
    d = 1 / (b + a * d || TINY);
    c = b + a / c || TINY;
    value *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return value;
}

/** Distribution function of Beta(a, b): the regularised incomplete beta function I_x(a, b). */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a);
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  // Numerical Recipes, equation 6.4.6: odd and even terms of the fraction.
  const fraction = lentz(1, (n) => {
    const m = n >> 1;
    const numerator =
      n % 2 === 1
        ? (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
        : (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    return [numerator, 1];
  });
  return Math.exp(logFront) / (a * fraction);
}

/** The quantile of Beta(a, b), by bisection to the last bit. */
export function betaQuantile(probability: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (betaCdf(middle, a, b) < probability) low = middle;
    else high = middle;
  }
}

/** P(count <= k) of Binomial(n, p) for k = 0 ... n. */
export function binomialCdf(n: number, p: number): Float64Array {
  const cdf = new Float64Array(n + 1);
  let sum = 0;
  for (let k = 0; k <= n; k++) {
    const logChoices = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
    sum += Math.exp(logChoices + k * Math.log(p) + (n - k) * Math.log1p(-p));
    cdf[k] = Math.min(sum, 1);
  }
  return cdf;
}

/**
 * Probability of a Kolmogorov-Smirnov distance above `distance` for n draws: the limiting distribution at
 * (sqrt n + 0.12 + 0.11 / sqrt n) distance (Stephens 1970). For n >= 50 within 3 % where it is below 0.1, and within 0.02 elsewhere.
 */
export function kolmogorovSurvival(distance: number, n: number): number {
  const scaled = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  // Below 0.2 the probability is 1 to 1e-12 and the alternating series converges slowly.
  if (scaled < 0.2) return 1;
  let sum = 0;
  for (let j = 1; j <= 100; j++) sum += (j % 2 === 1 ? 2 : -2) * Math.exp(-2 * (j * scaled) ** 2);
  return Math.min(Math.max(sum, 0), 1);
}
