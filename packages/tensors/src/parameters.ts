import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { dispose, type Tensor, tensor } from '@tensorflow/tfjs-core';

/** Named arrays, as they are saved and passed between packages. */
export type ParameterTree = Readonly<Record<string, NdArray<Float32Array>>>;

/** The same names as tensors; whoever made them disposes them. */
export type TensorTree = Readonly<Record<string, Tensor>>;

/** A tree laid out in one flat array, in the order of `names`. */
export interface ParameterVector {
  readonly names: readonly string[];
  readonly shapes: readonly (readonly number[])[];
  /** All values, one array after the other; its length is the sum of the products of `shapes`. */
  readonly values: Float32Array;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Copies a tree into one flat array. Throws InvalidArgumentError where data and shape of an array disagree. */
export function parameterVector(tree: ParameterTree): ParameterVector {
  const names = Object.keys(tree);
  const shapes = names.map((name) => tree[name]!.shape);
  const values = new Float32Array(shapes.reduce((total, shape) => total + sizeOf(shape), 0));
  let offset = 0;
  for (const name of names) {
    const { data, shape } = tree[name]!;
    if (data.length !== sizeOf(shape)) {
      throw new InvalidArgumentError(
        name,
        `tensors.parameterVector: ${name} must hold ${sizeOf(shape)} values for shape [${shape}]; got ${data.length}.`,
      );
    }
    values.set(data, offset);
    offset += data.length;
  }
  return { names, shapes, values };
}

/** A vector's arrays by name, as views: a change in one shows in the other. */
export function parameterTree(vector: ParameterVector): ParameterTree {
  let offset = 0;
  const entries = vector.names.map((name, i) => {
    const shape = vector.shapes[i]!;
    const data = vector.values.subarray(offset, offset + sizeOf(shape));
    offset += data.length;
    return [name, { shape, data }] as const;
  });
  return Object.fromEntries(entries);
}

/** Tensors with the values of a tree or vector. The caller disposes them, by `disposeTree` or `tf.tidy`. */
export function tensorsOf(parameters: ParameterTree | ParameterVector): TensorTree {
  const tree = isVector(parameters) ? parameterTree(parameters) : parameters;
  const entries = Object.entries(tree).map(([name, { shape, data }]) => {
    // A copy, because a backend may keep the array that it is given.
    return [name, tensor(data.slice(), [...shape], 'float32')] as const;
  });
  return Object.fromEntries(entries);
}

/** Plain arrays with the values of tensors. */
export function arraysOf(tensors: TensorTree): ParameterTree {
  const entries = Object.entries(tensors).map(([name, value]) => [name, arrayOf(value)] as const);
  return Object.fromEntries(entries);
}

/** One tensor as a plain array, shape and a copy of the values. */
export function arrayOf(value: Tensor): NdArray<Float32Array> {
  return { shape: [...value.shape], data: Float32Array.from(value.dataSync()) };
}

/** A plain array as a tensor; the caller disposes it. */
export function tensorOf(array: NdArray<Float32Array>): Tensor {
  return tensor(array.data.slice(), [...array.shape], 'float32');
}

/** Disposes every tensor of a tree. */
export function disposeTree(tensors: TensorTree): void {
  dispose(Object.values(tensors));
}

export function isVector(parameters: ParameterTree | ParameterVector): parameters is ParameterVector {
  return (parameters as ParameterVector).values instanceof Float32Array;
}
