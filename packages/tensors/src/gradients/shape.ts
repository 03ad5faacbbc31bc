import { UnsupportedError } from '@lensfield/kernels';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { gradient, sumToShape } from './_definition.ts';

const { reshape, slice, util } = core;

const views: GradConfig[] = [
  gradient('Reshape', ['x'], (dy, [x]) => ({ x: () => reshape(dy, x!.shape) })),
  gradient('ExpandDims', ['input'], (dy, [input]) => ({ input: () => reshape(dy, input!.shape) })),
  gradient('Transpose', [], (dy, _saved, { perm }) => ({
    x: () => core.transpose(dy, core.backend_util.getUndoAxesPermutation(perm as number[])),
  })),
  gradient('Reverse', [], (dy, _saved, { dims }) => ({
    x: () => core.reverse(dy, util.parseAxisParam(dims as number[], dy.shape)),
  })),
];

const pieces: GradConfig[] = [
  gradient('Slice', ['x'], (dy, [x], attributes) => ({
    x: () => {
      const [begin, size] = core.slice_util.parseSliceParams(
        x!,
        attributes.begin as number[],
        attributes.size as number[],
      );
      return core.pad(
        dy,
        begin.map((start, i) => [start, x!.shape[i]! - start - size[i]!]),
      );
    },
  })),
  gradient('PadV2', ['x'], (dy, [x], attributes) => ({
    x: () =>
      slice(
        dy,
        (attributes.paddings as number[][]).map(([before]) => before!),
        x!.shape,
      ),
  })),
  {
    kernelName: 'Concat',
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) => {
      const axis = util.parseAxisParam(attributes.axis as number, saved[0]!.shape)[0]!;
      const sizes = saved.map((part) => part.shape[axis]!);
      const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((total, size) => total + size, 0));
      return Object.fromEntries(
        saved.map((part, i) => [
          String(i),
          () => {
            const begin = part.shape.map((_, d) => (d === axis ? starts[i]! : 0));
            return slice(dy as Tensor, begin, part.shape);
          },
        ]),
      );
    },
  },
  {
    kernelName: 'Pack',
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) => {
      const parts = core.unstack(dy as Tensor, attributes.axis as number);
      return Object.fromEntries(saved.map((_, i) => [String(i), () => core.clone(parts[i]!)]));
    },
  },
  {
    kernelName: 'Unpack',
    gradFunc: (dys, _saved, attributes) => ({
      value: () => core.stack(Array.isArray(dys) ? dys : [dys], attributes.axis as number),
    }),
  },
  {
    kernelName: 'SplitV',
    gradFunc: (dys, _saved, attributes) => ({
      x: () => core.concat(Array.isArray(dys) ? dys : [dys], attributes.axis as number),
    }),
  },
];

/** [n_0, n_1, ...] repeated [r_0, r_1, ...] times, seen as [r_0, n_0, r_1, n_1, ...]; the gradient sums over the r. */
function sumOverTiles(dy: Tensor, shape: readonly number[], repeats: readonly number[]): Tensor {
  const interleaved = shape.flatMap((size, i) => [repeats[i]!, size]);
  const repeatAxes = shape.map((_, i) => 2 * i);
  return core.sum(reshape(dy, interleaved), repeatAxes);
}

const copies: GradConfig[] = [
  gradient('Tile', ['x'], (dy, [x], { reps }) => ({
    x: () => sumOverTiles(dy, x!.shape, reps as number[]),
  })),
  gradient('BroadcastTo', ['x'], (dy, [x]) => ({ x: () => sumToShape(dy, x!.shape) })),
];

/** Moves `axis` to the front. */
function frontPermutation(rank: number, axis: number): number[] {
  return [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)];
}

const gathers: GradConfig[] = [
  gradient('GatherV2', ['x', 'indices'], (dy, [x, indices], attributes) => ({
    x: () => {
      if (((attributes.batchDims as number | undefined) ?? 0) !== 0) {
        throw new UnsupportedError(
          `tensors.gather: batchDims must be 0 where a gradient is taken; got ${String(attributes.batchDims)}. Gather from a reshaped tensor instead.`,
        );
      }
      const axis = util.parseAxisParam(attributes.axis as number, x!.shape)[0]!;
      const outer = x!.shape.slice(0, axis);
      const inner = x!.shape.slice(axis + 1);
      const flat = reshape(dy, [...outer, indices!.size, ...inner]);
      const permutation = frontPermutation(x!.rank, axis);
      const summed = core.unsortedSegmentSum(
        core.transpose(flat, permutation),
        reshape(indices!, [indices!.size]) as core.Tensor1D,
        x!.shape[axis]!,
      );
      return core.transpose(summed, core.backend_util.getUndoAxesPermutation(permutation));
    },
    indices: () => core.zeros(indices!.shape),
  })),
  gradient('UnsortedSegmentSum', ['segmentIds'], (dy, [segmentIds]) => ({
    x: () => core.gather(dy, segmentIds as core.Tensor1D),
    segmentIds: () => core.zeros(segmentIds!.shape),
  })),
];

/** Gradients of ops that move numbers without changing them. */
export const shapeGradients: readonly GradConfig[] = [...views, ...pieces, ...copies, ...gathers];
