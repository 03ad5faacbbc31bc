import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError } from './errors.ts';
import { forEachWordBlock, threefryWords } from './threefry.ts';

/**
 * Random keys and draws with the numbers of `jax.random` (Threefry-2x32, partitionable mode, the default since jax 0.5). A draw of n
 * numbers is a pure function of the key: element i depends on the key and i alone. Shapes are the caller's: a draw of shape
 * [2, 3] in jax is a draw of 6 here. Bits, keys, integers and uniforms are equal to jax to the last bit (test/random.test.ts).
 */

/**
 * The key of a seed, as `jax.random.key(seed)`.
 *
 * @param seed  Any integer. Only its low 32 bits count, as in jax with its default 32-bit integers: seeds that differ by a
 *              multiple of 2^32 give the same key. Use {@link foldIn} for more than 2^32 streams.
 * @throws {InvalidArgumentError} if `seed` is not an integer that is exactly representable.
 */
export function keyOf(seed: number | bigint): Key {
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw new InvalidArgumentError(
      'seed',
      `kernels.keyOf: seed must be an integer below 2^53; got ${seed}. Pass a whole number or a bigint.`,
    );
  }
  return [0, Number(BigInt.asUintN(32, BigInt(seed)))];
}

/**
 * `n` independent keys, as `jax.random.split(key, n)`. The key itself must not be used again.
 *
 * @throws {InvalidArgumentError} if `n` is not a whole number.
 */
export function splitKey(key: Key, n = 2): Key[] {
  checkCount('splitKey', n);
  const high = new Uint32Array(n);
  const low = new Uint32Array(n);
  threefryWords(key, 0, high, low);
  return Array.from(low, (word, i) => [high[i], word] as const);
}

/** The words of one counter: keys are folded several times a training step, and arrays of their own would keep the garbage collector busy. */
const HIGH = new Uint32Array(1);
const LOW = new Uint32Array(1);

/**
 * The key of stream `data` under `key`, as `jax.random.fold_in(key, data)`.
 *
 * @param data  An integer in [0, 2^32).
 * @throws {InvalidArgumentError} if `data` is outside that range.
 */
export function foldIn(key: Key, data: number): Key {
  if (!Number.isInteger(data) || data < 0 || data > 0xffffffff) {
    throw new InvalidArgumentError(
      'data',
      `kernels.foldIn: data must be an integer from 0 to 2^32 - 1; got ${data}. Fold in twice for more streams.`,
    );
  }
  threefryWords(key, data, HIGH, LOW);
  return [HIGH[0], LOW[0]];
}

/** `n` words of 32 random bits, as `jax.random.bits(key, (n,), uint32)`. */
export function randomBits(key: Key, n: number): Uint32Array {
  checkCount('randomBits', n);
  const out = new Uint32Array(n);
  forEachWordBlock(key, n, (offset, high, low) => {
    for (let i = 0; i < low.length; i++) out[offset + i] = high[i] ^ low[i];
  });
  return out;
}

export interface UniformOptions {
  /** Lower end, included. Default 0. */
  readonly min?: number;
  /** Upper end, excluded up to rounding. Default 1. */
  readonly max?: number;
}

/**
 * `n` uniform draws in float32, as `jax.random.uniform(key, (n,), float32, min, max)`: 23 random bits each.
 *
 * @throws {InvalidArgumentError} if `min` is not below `max`.
 */
export function uniform(key: Key, n: number, { min = 0, max = 1 }: UniformOptions = {}): Float32Array {
  checkCount('uniform', n);
  checkInterval('uniform', min, max);
  const low32 = Math.fround(min);
  const span = Math.fround(Math.fround(max) - low32);
  const out = new Float32Array(n);
  forEachWordBlock(key, n, (offset, high, low) => {
    for (let i = 0; i < low.length; i++) {
      // (bits >>> 9) / 2^23 is what jax gets by putting the bits into the mantissa of a number in [1, 2) and subtracting 1.
      const unit = Math.fround(((high[i] ^ low[i]) >>> 9) * 1.1920928955078125e-7);
      out[offset + i] = Math.max(low32, Math.fround(Math.fround(unit * span) + low32));
    }
  });
  return out;
}

/**
 * `n` uniform draws in float64 on [0, 1): the upper 53 bits of both words of each counter. Not a stream of jax.
 */
export function uniformFloat64(key: Key, n: number): Float64Array {
  checkCount('uniformFloat64', n);
  const out = new Float64Array(n);
  forEachWordBlock(key, n, (offset, high, low) => {
    for (let i = 0; i < low.length; i++) {
      out[offset + i] = ((high[i] >>> 5) * 67108864 + (low[i] >>> 6)) * 1.1102230246251565e-16;
    }
  });
  return out;
}

/**
 * `n` integers in [min, max), as `jax.random.randint(key, (n,), min, max, int32)`, with its small bias of at most span / 2^64.
 *
 * @throws {InvalidArgumentError} unless `min < max` are 32-bit integers.
 */
export function randomIntegers(
  key: Key,
  n: number,
  { min, max }: { readonly min: number; readonly max: number },
): Int32Array {
  checkCount('randomIntegers', n);
  checkInterval('randomIntegers', min, max);
  if ((min | 0) !== min || (max | 0) !== max) {
    throw new InvalidArgumentError(
      'min',
      `kernels.randomIntegers: min and max must be 32-bit integers; got ${min} and ${max}.`,
    );
  }
  const span = max - min;
  const [highKey, lowKey] = splitKey(key);
  const high = randomBits(highKey, n);
  const low = randomBits(lowKey, n);
  // 2^32 mod span, with the intermediate square wrapped to 32 bits as jax does.
  const root = 65536 % span;
  const multiplier = (Math.imul(root, root) >>> 0) % span;
  const out = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const product = Math.imul(high[i] % span, multiplier) >>> 0;
    out[i] = min + (((product + (low[i] % span)) >>> 0) % span);
  }
  return out;
}

/** A random order of 0 ... n - 1, as `jax.random.permutation(key, n)`: sorted by random bits, in rounds. */
export function permutation(key: Key, n: number): Int32Array {
  checkCount('permutation', n);
  let order = Int32Array.from({ length: n }, (_, i) => i);
  // Enough rounds that the chance of a tie in every round is below n^-3: jax's rule.
  const rounds = Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(0xffffffff));
  let current = key;
  for (let round = 0; round < rounds; round++) {
    const [next, sortKey] = splitKey(current);
    current = next;
    order = sortedBy(order, randomBits(sortKey, n));
  }
  return order;
}

/** `n` draws of Exp(1) in float32, as `jax.random.exponential(key, (n,))`; 1e-6 relative. */
export function exponential(key: Key, n: number): Float32Array {
  const out = uniform(key, n);
  for (let i = 0; i < n; i++) out[i] = -Math.log1p(-out[i]);
  return out;
}

/** `values` in the order of `bits`, stable: a radix sort of 8 bits a pass. */
function sortedBy(values: Int32Array, bits: Uint32Array): Int32Array<ArrayBuffer> {
  let order = new Int32Array(bits.length).map((_, i) => i);
  let sorted = new Int32Array(bits.length);
  for (let shift = 0; shift < 32; shift += 8) {
    const starts = new Int32Array(257);
    for (const word of bits) starts[((word >>> shift) & 255) + 1]++;
    for (let digit = 0; digit < 256; digit++) starts[digit + 1] += starts[digit];
    for (const place of order) sorted[starts[(bits[place] >>> shift) & 255]++] = place;
    [order, sorted] = [sorted, order];
  }
  return order.map((place) => values[place]);
}

/** Throws unless `n` is a whole number of draws. */
export function checkCount(where: string, n: number): void {
  if (Number.isSafeInteger(n) && n >= 0) return;
  throw new InvalidArgumentError('n', `kernels.${where}: n must be a whole number; got ${n}.`);
}

function checkInterval(where: string, min: number, max: number): void {
  if (Number.isFinite(max - min) && min < max) return;
  throw new InvalidArgumentError(
    'min',
    `kernels.${where}: min must be below max, both finite; got min ${min} and max ${max}. Exchange them or widen the range.`,
  );
}
