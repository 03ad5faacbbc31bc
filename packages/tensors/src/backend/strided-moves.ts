import { type CopyAxis, copyStrided } from '@lensfield/kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { define, fallBack, type KernelDefinition, type KernelParameters } from './definition.ts';
import type { KernelsBackend } from './kernels-backend.ts';

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/** Joins neighbouring axes that both sides walk as one, and drops axes of length one. */
function joined(axes: readonly CopyAxis[]): CopyAxis[] {
  const result: CopyAxis[] = [];
  for (const axis of axes) {
    if (axis[0] === 1) continue;
    const outer = result.at(-1);
    if (outer && outer[1] === axis[0] * axis[1] && outer[2] === axis[0] * axis[2]) {
      result[result.length - 1] = [outer[0] * axis[0], axis[1], axis[2]];
    } else result.push(axis);
  }
  return result.length > 0 ? result : [[1, 1, 1]];
}

/** Float32 or int32 numbers as float32, bit by bit: a copy does not look at them. */
function bits(backend: KernelsBackend, tensor: TensorInfo): Float32Array {
  const values = backend.dataOf(tensor.dataId).values as Float32Array | Int32Array;
  return values instanceof Float32Array
    ? values
    : new Float32Array(values.buffer, values.byteOffset, values.length);
}

interface Copy {
  readonly axes: readonly CopyAxis[];
  readonly fromOffset?: number;
  readonly toOffset?: number;
}

export function copy(
  backend: KernelsBackend,
  from: TensorInfo,
  to: TensorInfo,
  { axes, ...offsets }: Copy,
): void {
  const target = bits(backend, to);
  if (target.length > 0) copyStrided(backend.kernels, bits(backend, from), target, joined(axes), offsets);
}

/** A new tensor of the type of `like`, float32 or int32, with undefined contents. */
export function outputLike(backend: KernelsBackend, like: TensorInfo, shape: number[]): TensorInfo {
  return like.dtype === 'int32' ? backend.integerOutput(shape).info : backend.output(shape).info;
}

/** A kernel that moves 32-bit numbers; other types fall back. */
export function mover(
  kernelName: string,
  move: (parameters: KernelParameters) => TensorInfo | TensorInfo[],
): KernelDefinition {
  return define(kernelName, (parameters) => {
    const inputs = Object.values(parameters.inputs);
    const isNumeric = inputs.every(
      ({ dtype }) => dtype === inputs[0]!.dtype && (dtype === 'float32' || dtype === 'int32'),
    );
    return isNumeric ? move(parameters) : fallBack(kernelName, parameters);
  });
}

export function sliceOf(
  backend: KernelsBackend,
  x: TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): TensorInfo {
  const result = outputLike(backend, x, [...size]);
  const from = stridesOf(x.shape);
  const to = stridesOf(size);
  const fromOffset = begin.reduce((offset, start, d) => offset + start * from[d]!, 0);
  copy(backend, x, result, { axes: size.map((length, d) => [length, from[d]!, to[d]!]), fromOffset });
  return result;
}
