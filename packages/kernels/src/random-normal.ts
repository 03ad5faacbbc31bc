import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError } from './errors.ts';
import { checkCount, uniform } from './random.ts';
import { erf, normalQuantile } from './special-functions.ts';
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
  applyInverseErrorFunction(out);
  for (let i = 0; i < n; i++) out[i] *= SQRT2_FLOAT32;
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
  const min = erf(low / Math.SQRT2);
  const max = erf(high / Math.SQRT2);
  if (!(low < high) || fround(min) >= fround(max)) {
    throw new InvalidArgumentError(
      'low',
      `kernels.truncatedNormal: low must be below high with some probability between; got ${low} and ${high}. ` +
        'Exchange them, or move the interval nearer to 0.',
    );
  }
  const out = uniform(key, n, { min, max });
  applyInverseErrorFunction(out);
  for (let i = 0; i < n; i++) out[i] = Math.min(Math.max(SQRT2_FLOAT32 * out[i], low), high);
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
      out[offset + i] = normalQuantile(p);
    }
  });
  return out;
}

/**
 * Inverse error function of each number in float32 arithmetic, as XLA computes it. Source: Giles (2010), "Approximating the erfinv
 * function", single precision table. The products are rounded to float32 where the result depends on it (1 - x^2 near the ends).
 *
 * One loop over the array: a function of one number is too long to be inlined and would leave each result for the garbage collector.
 */
function applyInverseErrorFunction(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    let w = fround(-Math.log1p(-fround(x * x)));
    let p: number;
    if (w < 5) {
      w = fround(w - 2.5);
      p = 2.81022636e-8;
      p = fround(3.43273939e-7 + p * w);
      p = fround(-3.5233877e-6 + p * w);
      p = fround(-4.39150654e-6 + p * w);
      p = fround(0.00021858087 + p * w);
      p = fround(-0.00125372503 + p * w);
      p = fround(-0.00417768164 + p * w);
      p = fround(0.246640727 + p * w);
      p = fround(1.50140941 + p * w);
    } else {
      w = fround(fround(Math.sqrt(w)) - 3);
      p = -0.000200214257;
      p = fround(0.000100950558 + p * w);
      p = fround(0.00134934322 + p * w);
      p = fround(-0.00367342844 + p * w);
      p = fround(0.00573950773 + p * w);
      p = fround(-0.0076224613 + p * w);
      p = fround(0.00943887047 + p * w);
      p = fround(1.00167406 + p * w);
      p = fround(2.83297682 + p * w);
    }
    values[i] = Math.abs(x) === 1 ? x * Number.POSITIVE_INFINITY : p * x;
  }
}
