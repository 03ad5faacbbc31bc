import { type CopyAxis, copyStrided, gatherRows, scatterAddRows } from '@lensfield/kernels';
import { backend_util, slice_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { define, fallBack, type KernelDefinition, type KernelParameters } from './definition.ts';
import type { KernelsBackend } from './kernels-backend.ts';

/** Row-major strides. */
function stridesOf(shape: readonly number[]): number[] {
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

function copy(backend: KernelsBackend, from: TensorInfo, to: TensorInfo, { axes, ...offsets }: Copy): void {
  const target = bits(backend, to);
  if (target.length > 0) copyStrided(backend.kernels, bits(backend, from), target, joined(axes), offsets);
}

/** A new tensor of the type of `like`, float32 or int32, with undefined contents. */
function outputLike(backend: KernelsBackend, like: TensorInfo, shape: number[]): TensorInfo {
  return like.dtype === 'int32' ? backend.integerOutput(shape).info : backend.output(shape).info;
}

/** A kernel that moves 32-bit numbers; other types fall back. */
function mover(
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

function sliceOf(
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

const slice = mover('Slice', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const [begin, size] = slice_util.parseSliceParams(
    x as never,
    attrs.begin as number[],
    attrs.size as number[],
  );
  slice_util.assertParamsValid(x as never, begin, size);
  return sliceOf(backend, x, begin, size);
});

/** By a kernel for floats, so that it can be replayed. */
function fillWith(backend: KernelsBackend, tensor: TensorInfo, value: number): void {
  const { values } = backend.dataOf(tensor.dataId);
  if (values instanceof Float32Array) {
    if (values.length > 0) backend.kernels.call.lf_fill(values, value, values.length);
  } else (values as Int32Array).fill(value);
}

const pad = mover('PadV2', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const x = inputs.x!;
  const paddings = attrs.paddings as [number, number][];
  const shape = x.shape.map((length, d) => paddings[d]![0] + length + paddings[d]![1]);
  const result = outputLike(backend, x, shape);
  fillWith(backend, result, attrs.constantValue as number);
  if (util.sizeFromShape(x.shape) === 0) return result;
  const from = stridesOf(x.shape);
  const to = stridesOf(shape);
  const toOffset = paddings.reduce((offset, [before], d) => offset + before * to[d]!, 0);
  copy(backend, x, result, { axes: x.shape.map((length, d) => [length, from[d]!, to[d]!]), toOffset });
  return result;
});

/** Copies of [outer, size_i * inner] side by side. */
function concatenated(backend: KernelsBackend, parts: readonly TensorInfo[], axis: number): TensorInfo {
  const first = parts[0]!;
  const shape = [...first.shape];
  shape[axis] = parts.reduce((total, part) => total + part.shape[axis]!, 0);
  const result = outputLike(backend, first, shape);
  const outer = util.sizeFromShape(shape.slice(0, axis));
  const row = util.sizeFromShape(shape.slice(axis));
  let toOffset = 0;
  for (const part of parts) {
    const width = util.sizeFromShape(part.shape.slice(axis));
    if (width > 0)
      copy(backend, part, result, {
        axes: [
          [outer, width, row],
          [width, 1, 1],
        ],
        toOffset,
      });
    toOffset += width;
  }
  return result;
}

const concat = mover('Concat', ({ inputs, attrs, backend }) => {
  const parts = Object.values(inputs);
  const axis = util.parseAxisParam(attrs.axis as number, parts[0]!.shape)[0]!;
  backend_util.assertParamsConsistent(
    parts.map(({ shape }) => shape),
    axis,
  );
  return concatenated(backend, parts, axis);
});

const pack = mover('Pack', ({ inputs, attrs, backend }) => {
  const parts = Object.values(inputs);
  for (const { shape } of parts)
    util.assertShapesMatch(shape, parts[0]!.shape, 'tensors.stack: all tensors must have the same shape. ');
  const axis = util.parseAxisParam(attrs.axis as number, [...parts[0]!.shape, 1])[0]!;
  const views = parts.map((part) => backend.view(part, part.shape.toSpliced(axis, 0, 1)));
  const result = concatenated(backend, views, axis);
  for (const view of views) backend.disposeIntermediateTensorInfo(view);
  return result;
});

const unpack = mover('Unpack', ({ inputs, attrs, backend }) => {
  const x = inputs.value!;
  const axis = util.parseAxisParam(attrs.axis as number, x.shape)[0]!;
  return Array.from({ length: x.shape[axis]! }, (_, i) => {
    const begin = x.shape.map((_size, d) => (d === axis ? i : 0));
    const one = sliceOf(backend, x, begin, x.shape.with(axis, 1));
    return { ...one, shape: x.shape.toSpliced(axis, 1) };
  });
});

const split = mover('SplitV', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const axis = util.parseAxisParam(attrs.axis as number, x.shape)[0]!;
  const sizes = backend_util.prepareSplitSize(
    x as Tensor,
    structuredClone(attrs.numOrSizeSplits) as number | number[],
    axis,
  );
  let start = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_size, d) => (d === axis ? start : 0));
    start += size;
    return sliceOf(backend, x, begin, x.shape.with(axis, size));
  });
});

const transpose = mover('Transpose', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const permutation = attrs.perm as number[];
  const shape = permutation.map((d) => x.shape[d]!);
  const result = outputLike(backend, x, shape);
  const from = stridesOf(x.shape);
  const to = stridesOf(shape);
  copy(backend, x, result, { axes: shape.map((length, d) => [length, from[permutation[d]!]!, to[d]!]) });
  return result;
});

const reverse = mover('Reverse', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const reversed = util.parseAxisParam(attrs.dims as number[], x.shape);
  if (x.shape.length === 0) return backend.view(x, x.shape);
  const result = outputLike(backend, x, x.shape);
  const strides = stridesOf(x.shape);
  const fromOffset = reversed.reduce((offset, d) => offset + (x.shape[d]! - 1) * strides[d]!, 0);
  const axes = x.shape.map(
    (length, d): CopyAxis => [length, reversed.includes(d) ? -strides[d]! : strides[d]!, strides[d]!],
  );
  copy(backend, x, result, { axes, fromOffset });
  return result;
});

const tile = mover('Tile', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const repeats = attrs.reps as number[];
  const shape = x.shape.map((length, d) => length * repeats[d]!);
  const result = outputLike(backend, x, shape);
  const from = stridesOf(x.shape);
  const to = stridesOf(shape);
  const axes = x.shape.flatMap((length, d): CopyAxis[] => [
    [repeats[d]!, 0, length * to[d]!],
    [length, from[d]!, to[d]!],
  ]);
  copy(backend, x, result, { axes });
  return result;
});

const gather = define('GatherV2', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
  const isPlain =
    x.dtype === 'float32' &&
    indices.dtype === 'int32' &&
    ((attrs.batchDims as number | undefined) ?? 0) === 0;
  if (!isPlain) return fallBack('GatherV2', parameters);
  const axis = util.parseAxisParam(attrs.axis as number, x.shape)[0]!;
  const outer = x.shape.slice(0, axis);
  const inner = x.shape.slice(axis + 1);
  const { info, values } = backend.output([...outer, ...indices.shape, ...inner]);
  const positions = backend.dataOf(indices.dataId).values as Int32Array;
  if (values.length > 0) {
    gatherRows(backend.kernels, backend.floats(x), positions, values, {
      outer: util.sizeFromShape(outer),
      size: x.shape[axis]!,
      inner: util.sizeFromShape(inner),
    });
  }
  return info;
});

const unsortedSegmentSum = define('UnsortedSegmentSum', (parameters) => {
  const { inputs, attrs, backend } = parameters;
  const { x, segmentIds } = inputs as { x: TensorInfo; segmentIds: TensorInfo };
  if (x.dtype !== 'float32' || segmentIds.shape.length !== 1)
    return fallBack('UnsortedSegmentSum', parameters);
  const size = attrs.numSegments as number;
  const inner = x.shape.slice(1);
  const { info, values } = backend.output([size, ...inner]);
  const ids = backend.dataOf(segmentIds.dataId).values as Int32Array;
  if (values.length > 0) {
    const options = { size, inner: util.sizeFromShape(inner) };
    scatterAddRows(backend.kernels, backend.floats(x), ids, values, options);
  }
  return info;
});

const identity = define('Identity', ({ inputs, backend }) => backend.view(inputs.x!, inputs.x!.shape));

const reshape = define('Reshape', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const size = util.sizeFromShape(x.shape);
  const shape = util.inferFromImplicitShape(attrs.shape as number[], size);
  util.assert(
    size === util.sizeFromShape(shape),
    () => `tensors.reshape: shape must hold ${size} elements; got [${shape}].`,
  );
  return backend.view(x, shape);
});

const expandDims = define('ExpandDims', ({ inputs, attrs, backend }) => {
  const x = inputs.input!;
  const axis = util.parseAxisParam(attrs.dim as number, [...x.shape, 1])[0]!;
  return backend.view(x, x.shape.toSpliced(axis, 0, 1));
});

export const shapeKernels: readonly KernelDefinition[] = [
  identity,
  reshape,
  expandDims,
  slice,
  pad,
  concat,
  pack,
  unpack,
  split,
  transpose,
  reverse,
  tile,
  gather,
  unsortedSegmentSum,
];
