import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';

/**
 * x as [outer, length, groups, width]: the length x width numbers of one (outer, group) are normalised together. Batch norm is
 * [1, batch rows columns, channels, 1]; group norm [batch, rows columns, groups, channels / groups]; layer norm [rows, 1, 1, channels].
 */
export interface NormaliseShape {
  readonly outer: number;
  readonly length: number;
  readonly groups: number;
  readonly width: number;
  /** Added to each variance. */
  readonly epsilon: number;
}

export interface NormaliseArrays {
  readonly x: Float32Array;
  /** Per channel, groups * width. */
  readonly scale: Float32Array;
  readonly offset: Float32Array;
  /** Written; like x. */
  readonly output: Float32Array;
  /** Written: means, then variances, of the outer * groups sets. */
  readonly moments: Float32Array;
}

export interface NormaliseGradientArrays {
  readonly outputGradient: Float32Array;
  readonly x: Float32Array;
  readonly scale: Float32Array;
  /** As {@link normalise} gave them. */
  readonly moments: Float32Array;
  /** Written, as are the next two. */
  readonly inputGradient: Float32Array;
  readonly scaleGradient: Float32Array;
  readonly offsetGradient: Float32Array;
}

function checkLengths(
  where: string,
  arrays: Readonly<Record<string, Float32Array>>,
  { outer, length, groups, width }: NormaliseShape,
): void {
  for (const [name, array] of Object.entries(arrays)) {
    if (name === 'moments') requireLength(where, name, array, 2 * outer * groups);
    else if (name.startsWith('scale') || name.startsWith('offset'))
      requireLength(where, name, array, groups * width);
    else requireLength(where, name, array, outer * length * groups * width);
  }
}

/**
 * (x - mean) / sqrt(variance + epsilon) * scale + offset, with the moments of each set; the variance is the biased one.
 *
 * @throws {InvalidArgumentError} if an array does not fill the shape.
 * @throws {NumericalError} if memory ran out.
 *
 * Accuracy: moments are summed around the mean of 64 numbers at a time, then in float64, in an order that the shape alone sets: 1e-6 of
 * the deviation, where the mean is not far larger (test/normalisation.test.ts). A NaN or infinity makes its whole set NaN.
 */
export function normalise(kernels: Kernels, arrays: NormaliseArrays, shape: NormaliseShape): void {
  checkLengths('normalise', { ...arrays }, shape);
  const { x, scale, offset, output, moments } = arrays;
  const { outer, length, groups, width, epsilon } = shape;
  requireMemory(
    'normalise',
    kernels.call.lf_normalise(x, scale, offset, output, moments, outer, length, groups, width, epsilon),
  );
}

/** Gradient of {@link normalise} in x, scale and offset. Throws as it does. */
export function normaliseGradient(
  kernels: Kernels,
  arrays: NormaliseGradientArrays,
  shape: NormaliseShape,
): void {
  checkLengths('normaliseGradient', { ...arrays }, shape);
  const { outputGradient, x, scale, moments, inputGradient, scaleGradient, offsetGradient } = arrays;
  const { outer, length, groups, width, epsilon } = shape;
  const failed = kernels.call.lf_normalise_gradient(
    outputGradient,
    x,
    scale,
    moments,
    inputGradient,
    scaleGradient,
    offsetGradient,
    outer,
    length,
    groups,
    width,
    epsilon,
  );
  requireMemory('normaliseGradient', failed);
}
