import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

function checkSameLength(where: string, argument: string, length: number, expected: number): void {
  if (length !== expected)
    throw new InvalidArgumentError(
      argument,
      `kernels.${where}: ${argument} must have ${expected} elements, as many as x; got ${length}.`,
    );
}

/** Sum of the elements in float64 (test/reductions.test.ts: 3e-15 of the sum of magnitudes); the same for any number of threads. */
export function sum(kernels: Kernels, x: Float32Array): number {
  return kernels.call.lf_sum(x, x.length);
}

/** Sum of squares in float64; see {@link sum}. */
export function sumOfSquares(kernels: Kernels, x: Float32Array): number {
  return kernels.call.lf_sum_of_squares(x, x.length);
}

/**
 * Inner product in float64; see {@link sum}.
 *
 * @throws {InvalidArgumentError} if the lengths differ.
 */
export function dot(kernels: Kernels, x: Float32Array, y: Float32Array): number {
  checkSameLength('dot', 'y', y.length, x.length);
  return kernels.call.lf_dot(x, y, x.length);
}

/**
 * out += scale x, in float32.
 *
 * @throws {InvalidArgumentError} if the lengths differ.
 */
export function addScaled(kernels: Kernels, scale: number, x: Float32Array, out: Float32Array): void {
  checkSameLength('addScaled', 'out', out.length, x.length);
  kernels.call.lf_add_scaled(x, out, scale, x.length);
}

/**
 * Rounds float64 numbers into a float32 array.
 *
 * @throws {InvalidArgumentError} if the lengths differ.
 */
export function roundToFloat32(kernels: Kernels, x: Float64Array, out: Float32Array): void {
  checkSameLength('roundToFloat32', 'out', out.length, x.length);
  kernels.call.lf_float32_of_float64(x, out, x.length);
}

/**
 * Copies float32 numbers into a float64 array.
 *
 * @throws {InvalidArgumentError} if the lengths differ.
 */
export function widenToFloat64(kernels: Kernels, x: Float32Array, out: Float64Array): void {
  checkSameLength('widenToFloat64', 'out', out.length, x.length);
  kernels.call.lf_float64_of_float32(x, out, x.length);
}
