import { backend_util, type Tensor, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { KernelDefinition } from './definition.ts';
import type { KernelsBackend } from './kernels-backend.ts';
import { copy, mover, outputLike, sliceOf } from './strided-moves.ts';

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

/** Kernels that put tensors side by side, and take them apart. */
export const joiningKernels: readonly KernelDefinition[] = [concat, pack, unpack, split];
