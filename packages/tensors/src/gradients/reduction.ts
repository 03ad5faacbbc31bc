import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import {
  constantGradient,
  differentiableOutput,
  gradient,
  gradientWithOutput,
  untracked,
} from './_definition.ts';

const { broadcastTo, mul, reshape, util } = core;

/** The shape of a reduction's result with its reduced axes kept at length one. */
function keptShape(shape: readonly number[], axis: unknown): number[] {
  const axes = util.parseAxisParam(axis as number | number[], shape as number[]);
  return shape.map((size, i) => (axes.includes(i) ? 1 : size));
}

function spread(dy: Tensor, x: Tensor, axis: unknown): Tensor {
  return broadcastTo(reshape(dy, keptShape(x.shape, axis)), x.shape as never);
}

/** The gradient of an extremum goes to where it is attained, in equal parts where it is attained more than once. */
function extremum(kernelName: 'Max' | 'Min'): GradConfig {
  return gradientWithOutput(kernelName, ['x'], (dy, [x, y], attributes) => ({
    x: () => {
      const axis = attributes.reductionIndices ?? attributes.axis;
      const kept = keptShape(x!.shape, axis);
      const share = untracked(() => {
        const attained = core.cast(core.equal(x!, reshape(y!, kept)), 'float32');
        return core.div(attained, core.sum(attained, axis as number[], true));
      });
      return mul(reshape(dy, kept), share);
    },
  }));
}

/** Sums, means, extrema, running sums. */
export const reductionGradients: readonly GradConfig[] = [
  gradient('Sum', ['x'], (dy, [x], { axis }) => ({ x: () => spread(dy, x!, axis) })),
  gradient('Mean', ['x'], (dy, [x], { axis }) => ({
    x: () => core.div(spread(dy, x!, axis), x!.size / dy.size),
  })),
  extremum('Max'),
  extremum('Min'),
  gradient('Cumsum', ['x'], (dy, [x], { axis, exclusive, reverse }) => ({
    x: () =>
      core.cumsum(dy, util.parseAxisParam(axis as number, x!.shape)[0]!, exclusive as boolean, !reverse),
  })),
  ...['ArgMax', 'ArgMin', 'All', 'Any'].map((name) => constantGradient(name, ['x'])),
];

/** Softmax and its logarithm along the last axis. */
export const softmaxGradients: readonly GradConfig[] = [
  gradientWithOutput('Softmax', ['logits'], (dy, [logits, y], { dim }) => ({
    logits: () => {
      const p = differentiableOutput(y!, () => core.softmax(logits!, dim as number));
      const weighted = mul(dy, p);
      return core.sub(weighted, mul(core.sum(weighted, dim as number, true), p));
    },
  })),
  gradient('LogSoftmax', ['logits'], (dy, [logits], { axis }) => ({
    logits: () =>
      core.sub(dy, mul(core.sum(dy, axis as number, true), core.softmax(logits!, axis as number))),
  })),
];
