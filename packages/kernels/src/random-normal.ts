import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError } from './errors.ts';
import { checkCount, uniform } from './random.ts';
import { forEachWordBlock } from './threefry.ts';

const fround = Math.fround;
const SQRT2_FLOAT32 = fround(Math.SQRT2);
/** The float32 next above -1: jax draws on the open interval so that the inverse error function stays finite. */
const ABOVE_MINUS_ONE = -1 + 2 ** -24;

/**
 * `n` standard normal draws in float32, as `jax.random.normal(key, (n,))`: sqrt 2 erfinv(u), u uniform on (-1, 1).
 *
 * Accuracy: within 1e-6 of jax (test/random.test.ts); bits are not promised, since erfinv differs in the last place between builds.
 */
export function normal(key: Key, n: number): Float32Array {
  const out = uniform(key, n, { min: ABOVE_MINUS_ONE, max: 1 });
  for (let i = 0; i < n; i++) out[i] = SQRT2_FLOAT32 * inverseErrorFunctionFloat32(out[i]);
  return out;
}

/**
 * `n` normal draws kept between `low` and `high` (in units of the standard deviation), as
 * `jax.random.truncated_normal(key, low, high, (n,))`; 1e-6. In float32: do not use it further than 4 from the centre.
 *
 * @throws {InvalidArgumentError} if `low` is not below `high`, or the interval holds no float32 probability.
 */
export function truncatedNormal(
  key: Key,
  n: number,
  { low, high }: { readonly low: number; readonly high: number },
): Float32Array {
  checkCount('truncatedNormal', n);
  const min = errorFunction(low / Math.SQRT2);
  const max = errorFunction(high / Math.SQRT2);
  if (!(low < high) || fround(min) >= fround(max)) {
    throw new InvalidArgumentError(
      'low',
      `kernels.truncatedNormal: low must be below high with some probability between; got ${low} and ${high}. ` +
        'Exchange them, or move the interval nearer to 0.',
    );
  }
  const out = uniform(key, n, { min, max });
  for (let i = 0; i < n; i++) {
    const draw = SQRT2_FLOAT32 * inverseErrorFunctionFloat32(out[i]);
    out[i] = Math.min(Math.max(draw, low), high);
  }
  return out;
}

/** `n` standard normal draws in float64; see {@link fillNormalFloat64}. */
export function normalFloat64(key: Key, n: number): Float64Array {
  checkCount('normalFloat64', n);
  return fillNormalFloat64(key, new Float64Array(n));
}

/**
 * Fills `out` with standard normal draws in float64 and returns it: the normal quantile of (floor(2^52 u) + 1/2) / 2^52, u the draws of
 * `uniformFloat64` with the same key. Not a stream of jax. The largest value is 8.2, with the right probability.
 */
export function fillNormalFloat64(key: Key, out: Float64Array): Float64Array {
  forEachWordBlock(key, out.length, (offset, high, low) => {
    for (let i = 0; i < low.length; i++) {
      // 52 bits, so that the half fits into the 53 of a float64 and the draws are symmetric about 0.
      const p = ((high[i] >>> 5) * 33554432 + (low[i] >>> 7) + 0.5) * 2.220446049250313e-16;
      out[offset + i] = normalQuantileOf(p);
    }
  });
  return out;
}

/**
 * Inverse error function in float32 arithmetic, as XLA computes it. Source: Giles (2010), "Approximating the erfinv function", single
 * precision table. The products are rounded to float32 where the result depends on it (1 - x^2 near the ends).
 */
function inverseErrorFunctionFloat32(x: number): number {
  let w = fround(-Math.log1p(-fround(x * x)));
  if (w < 5) {
    w = fround(w - 2.5);
    let p = 2.81022636e-8;
    p = fround(3.43273939e-7 + p * w);
    p = fround(-3.5233877e-6 + p * w);
    p = fround(-4.39150654e-6 + p * w);
    p = fround(0.00021858087 + p * w);
    p = fround(-0.00125372503 + p * w);
    p = fround(-0.00417768164 + p * w);
    p = fround(0.246640727 + p * w);
    p = fround(1.50140941 + p * w);
    return fround(p * x);
  }
  w = fround(fround(Math.sqrt(w)) - 3);
  let p = -0.000200214257;
  p = fround(0.000100950558 + p * w);
  p = fround(0.00134934322 + p * w);
  p = fround(-0.00367342844 + p * w);
  p = fround(0.00573950773 + p * w);
  p = fround(-0.0076224613 + p * w);
  p = fround(0.00943887047 + p * w);
  p = fround(1.00167406 + p * w);
  p = fround(2.83297682 + p * w);
  return Math.abs(x) === 1 ? x * Number.POSITIVE_INFINITY : fround(p * x);
}

/**
 * Error function to 1e-15 by its Maclaurin series below 3 and its continued fraction above. Slow and for two values a call only.
 */
function errorFunction(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 3) {
    let term = x;
    let sum = x;
    for (let k = 1; k < 80; k++) {
      term *= (-x * x) / k;
      sum += term / (2 * k + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = a;
  for (let k = 60; k > 0; k--) fraction = a + k / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction);
}

/** Standard normal quantile to 1e-15 relative. Source: Wichura (1988), algorithm AS 241, PPND16. */
// biome-ignore format: a table of coefficients
function normalQuantileOf(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (
      (q *
        (((((((2509.0809287301227 * r + 33430.57558358813) * r + 67265.7709270087) * r + 45921.95393154987) * r + 13731.69376550946) * r + 1971.5909503065513) * r + 133.14166789178438) * r + 3.3871328727963665)) /
      (((((((5226.495278852546 * r + 28729.085735721943) * r + 39307.89580009271) * r + 21213.794301586597) * r + 5394.196021424751) * r + 687.1870074920579) * r + 42.31333070160091) * r + 1)
    );
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const tail = r <= 5 ? middleTail(r - 1.6) : farTail(r - 5);
  return q < 0 ? -tail : tail;
}

// biome-ignore format: a table of coefficients
function middleTail(r: number): number {
  return (
    (((((((0.0007745450142783414 * r + 0.022723844989269184) * r + 0.2417807251774506) * r + 1.2704582524523684) * r + 3.6478483247632045) * r + 5.769497221460691) * r + 4.630337846156546) * r + 1.4234371107496835) /
    (((((((1.0507500716444169e-9 * r + 0.0005475938084995345) * r + 0.015198666563616457) * r + 0.14810397642748008) * r + 0.6897673349851) * r + 1.6763848301838038) * r + 2.053191626637759) * r + 1)
  );
}

// biome-ignore format: a table of coefficients
function farTail(r: number): number {
  return (
    (((((((2.0103343992922881e-7 * r + 2.7115555687434876e-5) * r + 0.0012426609473880784) * r + 0.026532189526576124) * r + 0.29656057182850487) * r + 1.7848265399172913) * r + 5.463784911164114) * r + 6.657904643501103) /
    (((((((2.0442631033899397e-15 * r + 1.421511758316446e-7) * r + 1.8463183175100548e-5) * r + 0.0007868691311456133) * r + 0.014875361290850615) * r + 0.1369298809227358) * r + 0.599832206555888) * r + 1)
  );
}
