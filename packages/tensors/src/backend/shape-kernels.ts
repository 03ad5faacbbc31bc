import { type CopyAxis, gatherRows, scatterAddRows } from '@lensfield/kernels';
import { slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { define, fallBack, type KernelDefinition } from './definition.ts';
import type { KernelsBackend } from './kernels-backend.ts';
import { copy, mover, outputLike, sliceOf, stridesOf } from './strided-moves.ts';

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
  transpose,
  reverse,
  tile,
  gather,
  unsortedSegmentSum,
];
