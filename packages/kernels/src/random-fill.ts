import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

/**
 * Fills `out` with random 32-bit words: the numbers of `randomBits(key, out.length)` and so of `jax.random.bits`, from C.
 */
export function fillBits(kernels: Kernels, key: Key, out: Uint32Array): void {
  kernels.call.lf_fill_bits(out, out.length, key[0] >>> 0, key[1] >>> 0);
}

/**
 * Fills `out` with uniform draws on [min, max): the numbers of `uniform(key, out.length, { min, max })`, to the last bit.
 *
 * @throws {InvalidArgumentError} if `min` is not below `max` or one is not finite.
 */
export function fillUniform(
  kernels: Kernels,
  key: Key,
  out: Float32Array,
  { min = 0, max = 1 }: { readonly min?: number; readonly max?: number } = {},
): void {
  if (!(min < max) || !Number.isFinite(max - min))
    throw new InvalidArgumentError(
      'min',
      `kernels.fillUniform: min must be below max; got ${min} and ${max}.`,
    );
  kernels.call.lf_fill_uniform(out, out.length, key[0] >>> 0, key[1] >>> 0, min, max);
}

/**
 * Fills `out` with standard normal draws: the numbers of `normal(key, out.length)` and of `jax.random.normal` within 1e-6, from C,
 * and the same bytes on every backend and for any number of threads (test/random-fill.test.ts).
 */
export function fillNormal(kernels: Kernels, key: Key, out: Float32Array): void {
  kernels.call.lf_fill_normal(out, out.length, key[0] >>> 0, key[1] >>> 0);
}
