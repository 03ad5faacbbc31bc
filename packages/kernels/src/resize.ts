import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

export interface ResizeOptions {
  readonly batch: number;
  /** Rows and columns of a map, before and after; at least 1. */
  readonly inputSize: readonly [number, number];
  readonly outputSize: readonly [number, number];
  readonly channels: number;
  readonly method: 'nearest' | 'bilinear';
  /** Corner pixels stay at the corners. Default false. */
  readonly alignCorners?: boolean;
  /** Pixels are taken at their centres; not with `alignCorners`. Default false: at their upper left corners. */
  readonly halfPixelCentres?: boolean;
}

type Shape = readonly [number, number, number, number, number, number, number, number, number];

function checkedShape(
  where: string,
  maps: Readonly<Record<string, Float32Array>>,
  resized: Readonly<Record<string, Float32Array>>,
  options: ResizeOptions,
): Shape {
  const { batch, inputSize, outputSize, channels, method } = options;
  const { alignCorners = false, halfPixelCentres = false } = options;
  if ([...inputSize, ...outputSize].some((size) => size < 1)) {
    throw new InvalidArgumentError(
      'outputSize',
      `kernels.${where}: sizes must be at least 1; got ${inputSize} to ${outputSize}.`,
    );
  }
  if (alignCorners && halfPixelCentres) {
    throw new InvalidArgumentError(
      'halfPixelCentres',
      `kernels.${where}: halfPixelCentres must be false with alignCorners; got true.`,
    );
  }
  for (const [name, array] of Object.entries(maps))
    requireLength(where, name, array, batch * inputSize[0] * inputSize[1] * channels);
  for (const [name, array] of Object.entries(resized))
    requireLength(where, name, array, batch * outputSize[0] * outputSize[1] * channels);
  const flags = [method === 'nearest' ? 1 : 0, alignCorners ? 1 : 0, halfPixelCentres ? 1 : 0] as const;
  return [batch, ...inputSize, channels, ...outputSize, ...flags];
}

/**
 * Maps x [batch, rows, columns, channels] on a grid of `outputSize`, by the nearest pixel or linearly between neighbours; `output` is
 * written. Places are those of TensorFlow.js. A pixel that is read with weight zero does not matter, be it infinite.
 *
 * @throws {InvalidArgumentError} if an array does not fill its shape, a size is 0, or both flags are set.
 * @throws {NumericalError} if memory ran out.
 */
export function resize(
  kernels: Kernels,
  x: Float32Array,
  output: Float32Array,
  options: ResizeOptions,
): void {
  const shape = checkedShape('resize', { x }, { output }, options);
  requireMemory('resize', kernels.call.lf_resize(x, output, ...shape));
}

/** Gradient of {@link resize} in x, its transpose; the options are those of the way forward. Throws as it does. */
export function resizeGradient(
  kernels: Kernels,
  outputGradient: Float32Array,
  inputGradient: Float32Array,
  options: ResizeOptions,
): void {
  const shape = checkedShape('resizeGradient', { inputGradient }, { outputGradient }, options);
  const failed = kernels.call.lf_resize_gradient(outputGradient, inputGradient, ...shape);
  requireMemory('resizeGradient', failed);
}
