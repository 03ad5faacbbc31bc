import { requireLength } from './_required-length.ts';
import { type Padding, windowGeometry } from './convolution.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

export interface PoolingOptions {
  readonly batch: number;
  /** Rows and columns of a map. */
  readonly inputSize: readonly [number, number];
  readonly channels: number;
  readonly windowSize: readonly [number, number];
  /** Default: the window size. */
  readonly strides?: readonly [number, number];
  /** Default `valid`. */
  readonly padding?: Padding;
}

type Shape = readonly [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

function checkedShape(where: string, options: PoolingOptions): Shape {
  const { batch, inputSize, channels, windowSize, strides = windowSize, padding = 'valid' } = options;
  const geometry = windowGeometry(inputSize, windowSize, strides, padding);
  if (!(geometry.outputSize[0] >= 1 && geometry.outputSize[1] >= 1)) {
    throw new InvalidArgumentError(
      'windowSize',
      `kernels.${where}: windowSize must not exceed the map of ${inputSize}; got ${windowSize}.`,
    );
  }
  return [
    batch,
    ...inputSize,
    channels,
    ...geometry.outputSize,
    ...windowSize,
    ...strides,
    ...geometry.padding,
  ];
}

function checkLengths(
  where: string,
  [batch, rows, columns, channels, outRows, outColumns]: Shape,
  inputs: Record<string, Float32Array>,
  outputs: Record<string, Float32Array>,
): void {
  for (const [name, array] of Object.entries(inputs)) {
    requireLength(where, name, array, batch * rows * columns * channels);
  }
  for (const [name, array] of Object.entries(outputs)) {
    requireLength(where, name, array, batch * outRows * outColumns * channels);
  }
}

/** Maxima of x [batch, rows, columns, channels] over windows, cut at the border; `output` is written. A NaN wins. */
export function maxPool(
  kernels: Kernels,
  x: Float32Array,
  output: Float32Array,
  options: PoolingOptions,
): void {
  const shape = checkedShape('maxPool', options);
  checkLengths('maxPool', shape, { x }, { output });
  kernels.call.lf_max_pool(x, output, ...shape);
}

/** Means of x over the part of each window that lies inside the map; `output` is written. */
export function meanPool(
  kernels: Kernels,
  x: Float32Array,
  output: Float32Array,
  options: PoolingOptions,
): void {
  const shape = checkedShape('meanPool', options);
  checkLengths('meanPool', shape, { x }, { output });
  kernels.call.lf_mean_pool(x, output, ...shape);
}

/** Gradient of {@link maxPool} in x: each window's gradient goes to its first maximum. */
export function maxPoolGradient(
  kernels: Kernels,
  outputGradient: Float32Array,
  x: Float32Array,
  inputGradient: Float32Array,
  options: PoolingOptions,
): void {
  const shape = checkedShape('maxPoolGradient', options);
  checkLengths('maxPoolGradient', shape, { x, inputGradient }, { outputGradient });
  kernels.call.lf_max_pool_gradient(outputGradient, x, inputGradient, ...shape);
}

/** Transpose of {@link maxPoolGradient} in the output gradient: the entries of `values` at the maxima of x. */
export function maxPoolSelect(
  kernels: Kernels,
  values: Float32Array,
  x: Float32Array,
  output: Float32Array,
  options: PoolingOptions,
): void {
  const shape = checkedShape('maxPoolSelect', options);
  checkLengths('maxPoolSelect', shape, { values, x }, { output });
  kernels.call.lf_max_pool_select(values, x, output, ...shape);
}

/** Gradient of {@link meanPool} in x. */
export function meanPoolGradient(
  kernels: Kernels,
  outputGradient: Float32Array,
  inputGradient: Float32Array,
  options: PoolingOptions,
): void {
  const shape = checkedShape('meanPoolGradient', options);
  checkLengths('meanPoolGradient', shape, { inputGradient }, { outputGradient });
  kernels.call.lf_mean_pool_gradient(outputGradient, inputGradient, ...shape);
}
