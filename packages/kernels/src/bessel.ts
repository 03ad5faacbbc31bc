/** Above this argument the asymptotic series of Hankel is exact to the last digit. */
const ASYMPTOTIC_FROM = 25;

/** Power series of J_n; used below 2, where it does not cancel. */
function besselSeries(order: number, x: number): number {
  const half = x / 2;
  let term = 1;
  for (let i = 1; i <= order; i++) term *= half / i;
  let sum = term;
  for (let k = 1; k < 40; k++) {
    term *= -(half * half) / (k * (k + order));
    sum += term;
    if (Math.abs(term) < 1e-18 * Math.abs(sum)) break;
  }
  return sum;
}

/** Downward recurrence (Miller), normalised by J0 + 2 J2 + 2 J4 + ... = 1. */
function besselRecurrence(order: number, x: number): number {
  let above = 0;
  let here = 1e-300;
  let sum = 0;
  let wanted = 0;
  for (let n = 2 * Math.ceil((x + 40) / 2); n > 0; n--) {
    const below = ((2 * n) / x) * here - above;
    above = here;
    here = below;
    if (n - 1 === order) wanted = here;
    if (n - 1 > 0 && (n - 1) % 2 === 0) sum += 2 * here;
  }
  return wanted / (sum + here);
}

/** Hankel's expansion; cos and sin of the shifted phase from those of x, so that the shift costs no digits. */
function besselAsymptotic(order: number, x: number): number {
  const mu = 4 * order * order;
  let term = 1;
  let p = 1;
  let q = 0;
  for (let k = 1; k < 60; k++) {
    const next = (term * (mu - (2 * k - 1) ** 2)) / (k * 8 * x);
    if (Math.abs(next) > Math.abs(term) || Math.abs(next) < 1e-18) break;
    term = next;
    const sign = k % 4 < 2 ? 1 : -1;
    if (k % 2 === 0) p += sign * term;
    else q += sign * term;
  }
  const cosine = Math.cos(x);
  const sine = Math.sin(x);
  // cos and sin of x - (order / 2 + 1 / 4) pi, times sqrt(2)
  const [c, s] =
    order === 0
      ? [cosine + sine, sine - cosine]
      : order === 1
        ? [sine - cosine, -cosine - sine]
        : [-cosine - sine, cosine - sine];
  return (p * c - q * s) / Math.sqrt(Math.PI * x);
}

function besselJ(order: number, x: number): number {
  const size = Math.abs(x);
  const sign = x < 0 && order % 2 === 1 ? -1 : 1;
  if (size === Number.POSITIVE_INFINITY) return 0;
  if (size < 2) return sign * besselSeries(order, size);
  if (size < ASYMPTOTIC_FROM) return sign * besselRecurrence(order, size);
  return sign * besselAsymptotic(order, size);
}

/** Bessel function J0. Accuracy: 1e-15 absolute up to 1e3 (test/bessel.test.ts). Meant for tables: about a microsecond each. */
export function besselJ0(x: number): number {
  return besselJ(0, x);
}

/** Bessel function J1; see {@link besselJ0}. */
export function besselJ1(x: number): number {
  return besselJ(1, x);
}

/** Bessel function J2; see {@link besselJ0}. */
export function besselJ2(x: number): number {
  return besselJ(2, x);
}
