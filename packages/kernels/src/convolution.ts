import { requireLength } from './_required-length.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

export type Padding = 'same' | 'valid';

export interface ConvolutionOptions {
  readonly batch: number;
  /** Rows and columns of a map. */
  readonly inputSize: readonly [number, number];
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Rows and columns of the filter. */
  readonly filterSize: readonly [number, number];
  /** Default [1, 1]. */
  readonly strides?: readonly [number, number];
  /** `same`: ceil(size / stride) outputs, zeros around the map; `valid`: no zeros. By TensorFlow's rule. Default `same`. */
  readonly padding?: Padding;
}

/** What the C kernels take. */
export interface WindowGeometry {
  readonly outputSize: readonly [number, number];
  /** Zeros above and to the left of the map. */
  readonly padding: readonly [number, number];
}

/** Output size and leading padding of windows of size `window` over `size` pixels, by TensorFlow's rule. */
export function windowGeometry(
  size: readonly [number, number],
  window: readonly [number, number],
  strides: readonly [number, number],
  padding: Padding,
): WindowGeometry {
  const axes = size.map((length, axis) => {
    if (padding === 'valid') return [Math.floor((length - window[axis]!) / strides[axis]!) + 1, 0] as const;
    const output = Math.ceil(length / strides[axis]!);
    const zeros = Math.max(0, (output - 1) * strides[axis]! + window[axis]! - length);
    return [output, Math.floor(zeros / 2)] as const;
  });
  return { outputSize: [axes[0]![0], axes[1]![0]], padding: [axes[0]![1], axes[1]![1]] };
}

type KernelName = 'lf_conv2d' | 'lf_conv2d_input_gradient' | 'lf_conv2d_filter_gradient';

interface Arrays {
  readonly maps: readonly [name: string, array: Float32Array];
  readonly filter: readonly [name: string, array: Float32Array];
  readonly output: readonly [name: string, array: Float32Array];
}

function checkedGeometry(where: string, arrays: Arrays, options: ConvolutionOptions): WindowGeometry {
  const { batch, inputSize, inputChannels, outputChannels, filterSize, strides = [1, 1] } = options;
  const geometry = windowGeometry(inputSize, filterSize, strides, options.padding ?? 'same');
  const [rows, columns] = geometry.outputSize;
  if (!(rows >= 1 && columns >= 1)) {
    throw new InvalidArgumentError(
      'filterSize',
      `kernels.${where}: filterSize must not exceed the map of ${inputSize} without padding; got ${filterSize}. Use padding 'same'.`,
    );
  }
  requireLength(where, ...arrays.maps, batch * inputSize[0] * inputSize[1] * inputChannels);
  requireLength(where, ...arrays.filter, filterSize[0] * filterSize[1] * inputChannels * outputChannels);
  requireLength(where, ...arrays.output, batch * rows * columns * outputChannels);
  return geometry;
}

function run(
  kernels: Kernels,
  name: KernelName,
  arrays: readonly [Float32Array, Float32Array, Float32Array],
  options: ConvolutionOptions,
  geometry: WindowGeometry,
): void {
  const { batch, inputSize, inputChannels, outputChannels, filterSize, strides = [1, 1] } = options;
  kernels.call[name](
    ...arrays,
    batch,
    inputSize[0],
    inputSize[1],
    inputChannels,
    geometry.outputSize[0],
    geometry.outputSize[1],
    outputChannels,
    filterSize[0],
    filterSize[1],
    strides[0],
    strides[1],
    geometry.padding[0],
    geometry.padding[1],
  );
}

/**
 * Two-dimensional convolution (cross-correlation) of maps, float32.
 *
 * @param x       [batch, rows, columns, inputChannels].
 * @param filter  [filterRows, filterColumns, inputChannels, outputChannels].
 * @param output  [batch, outputRows, outputColumns, outputChannels], written; sizes as {@link windowGeometry} gives them.
 * @throws {InvalidArgumentError} if an array does not fit its shape.
 *
 * Accuracy: as float32 sums (test/convolution.test.ts). Results do not depend on the number of threads.
 */
export function conv2d(
  kernels: Kernels,
  x: Float32Array,
  filter: Float32Array,
  output: Float32Array,
  options: ConvolutionOptions,
): void {
  const arrays: Arrays = { maps: ['x', x], filter: ['filter', filter], output: ['output', output] };
  const geometry = checkedGeometry('conv2d', arrays, options);
  run(kernels, 'lf_conv2d', [x, filter, output], options, geometry);
}

/** Transpose of {@link conv2d} in x: from `outputGradient` (shape of the output) to `inputGradient` (shape of x), written. */
export function conv2dInputGradient(
  kernels: Kernels,
  outputGradient: Float32Array,
  filter: Float32Array,
  inputGradient: Float32Array,
  options: ConvolutionOptions,
): void {
  const arrays: Arrays = {
    maps: ['inputGradient', inputGradient],
    filter: ['filter', filter],
    output: ['outputGradient', outputGradient],
  };
  const geometry = checkedGeometry('conv2dInputGradient', arrays, options);
  run(kernels, 'lf_conv2d_input_gradient', [outputGradient, filter, inputGradient], options, geometry);
}

/** Transpose of {@link conv2d} in the filter: from x and `outputGradient` to `filterGradient` (shape of the filter), written. */
export function conv2dFilterGradient(
  kernels: Kernels,
  x: Float32Array,
  outputGradient: Float32Array,
  filterGradient: Float32Array,
  options: ConvolutionOptions,
): void {
  const arrays: Arrays = {
    maps: ['x', x],
    filter: ['filterGradient', filterGradient],
    output: ['outputGradient', outputGradient],
  };
  const geometry = checkedGeometry('conv2dFilterGradient', arrays, options);
  run(kernels, 'lf_conv2d_filter_gradient', [x, outputGradient, filterGradient], options, geometry);
}
