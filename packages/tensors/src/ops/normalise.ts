import { InvalidArgumentError } from '@lensfield/kernels';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as core from '@tensorflow/tfjs-core';
import { untracked } from '../gradients/_definition.ts';

/** Kernels of the three norms: values and moments of sets of numbers, and their gradient in one pass. */
export const NORMALISE = 'LensfieldNormalise';
export const NORMALISE_GRADIENT = 'LensfieldNormaliseGradient';

/** How the kernels see x: [outer, length, groups, width], with moments over length and width. */
export type NormaliseAttributes = {
  readonly outer: number;
  readonly length: number;
  readonly groups: number;
  readonly width: number;
  readonly epsilon: number;
};

export interface NormaliseOptions {
  /** Multiplies each channel of the normalised values, shape [channels]. Default: ones. */
  readonly scale?: Tensor;
  /** Added to each channel after that, shape [channels]. Default: zeros. */
  readonly offset?: Tensor;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** Moments of a batch, each of shape [channels]; the variance is the biased one. */
export interface BatchMoments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

type SetShape = Omit<NormaliseAttributes, 'epsilon'>;

function checked(where: string, x: Tensor, { scale, offset, epsilon = 1e-5 }: NormaliseOptions): number {
  const channels = x.shape.at(-1);
  if (x.dtype !== 'float32' || channels === undefined) {
    throw new InvalidArgumentError(
      'x',
      `tensors.${where}: x must be float32 with at least one axis; got ${x.dtype} of shape [${x.shape}].`,
    );
  }
  for (const [name, tensor] of Object.entries({ scale, offset })) {
    if (tensor === undefined || (tensor.rank === 1 && tensor.size === channels)) continue;
    throw new InvalidArgumentError(
      name,
      `tensors.${where}: ${name} must have shape [${channels}], as the last axis of x; got [${tensor.shape}].`,
    );
  }
  if (!(epsilon >= 0)) {
    throw new InvalidArgumentError(
      'epsilon',
      `tensors.${where}: epsilon must be at least 0; got ${epsilon}.`,
    );
  }
  return epsilon;
}

/** Values like x, and moments [2, outer * groups]. */
function normalised(x: Tensor, sets: SetShape, options: NormaliseOptions, epsilon: number): Tensor[] {
  const channels = [x.shape.at(-1)!];
  const { scale = core.ones(channels), offset = core.zeros(channels) } = options;
  return core.engine().runKernel(NORMALISE, { x, scale, offset }, { ...sets, epsilon });
}

function valuesOf<T extends Tensor>(x: T, sets: SetShape, options: NormaliseOptions, epsilon: number): T {
  return core.tidy(() => normalised(x, sets, options, epsilon)[0] as T);
}

/**
 * Batch norm (Ioffe and Szegedy 2015, arXiv 1502.03167, algorithm 1): each channel with its moments over batch and pixels, then scaled and
 * shifted.
 *
 * @param x  Shape [..., channels].
 * @returns  `normalised`, like x, and the moments of the batch, for running means: constants, through which no gradient passes.
 * @throws {InvalidArgumentError} if x is not float32, or scale or offset is not of shape [channels].
 *
 * Accuracy: 3e-6 where the mean of a channel is not far larger than its deviation, on every backend (test/gradients.test.ts). Differentiable
 * to second order in x, scale and offset (test/gradients.test.ts): one kernel forward, one for the first gradient. A NaN or infinity makes its whole channel NaN.
 */
export function batchNormalise<T extends Tensor>(
  x: T,
  options: NormaliseOptions = {},
): { readonly normalised: T } & BatchMoments {
  const epsilon = checked('batchNormalise', x, options);
  const channels = x.shape.at(-1)!;
  const length = x.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return core.tidy(() => {
    const [values, moments] = normalised(
      x,
      { outer: 1, length, groups: channels, width: 1 },
      options,
      epsilon,
    );
    return untracked(() => ({
      normalised: values as T,
      mean: core.reshape(core.slice(moments!, [0, 0], [1, channels]), [channels]),
      variance: core.reshape(core.slice(moments!, [1, 0], [1, channels]), [channels]),
    }));
  });
}

/**
 * What {@link batchNormalise} does, with moments that are given: running means, at inference.
 *
 * @param moments  Mean and variance, shape [channels].
 * @throws {InvalidArgumentError} as `batchNormalise`. Differentiable to second order in everything.
 */
export function batchNormaliseBy<T extends Tensor>(
  x: T,
  { mean, variance }: BatchMoments,
  options: NormaliseOptions = {},
): T {
  const epsilon = checked('batchNormaliseBy', x, options);
  return core.tidy(() => {
    const inverse = core.rsqrt(core.add(variance, epsilon));
    const factor = options.scale === undefined ? inverse : core.mul(inverse, options.scale);
    const scaled = core.mul(core.sub(x, mean), factor);
    return (options.offset === undefined ? scaled : core.add(scaled, options.offset)) as T;
  });
}

/**
 * Group norm (Wu and He 2018, arXiv 1803.08494): each sample's groups of neighbouring channels with their moments over the group and all
 * pixels, then each channel scaled and shifted. One group per channel is instance norm.
 *
 * @param x       Shape [batch, ..., channels].
 * @param groups  Divides channels.
 * @returns       Like x.
 * @throws {InvalidArgumentError} as {@link batchNormalise}, if x has less than two axes, or if groups does not divide channels.
 *
 * Accuracy and differentiability are those of `batchNormalise`; a NaN or infinity makes its whole group NaN.
 */
export function groupNormalise<T extends Tensor>(x: T, groups: number, options: NormaliseOptions = {}): T {
  const epsilon = checked('groupNormalise', x, options);
  const [batch, ...rest] = x.shape;
  const channels = rest.pop();
  if (channels === undefined || !(groups >= 1) || channels % groups !== 0) {
    throw new InvalidArgumentError(
      'groups',
      `tensors.groupNormalise: groups must divide the channels of x [batch, ..., channels]; got ${groups} for shape [${x.shape}].`,
    );
  }
  const length = rest.reduce((product, size) => product * size, 1);
  return valuesOf(x, { outer: batch!, length, groups, width: channels / groups }, options, epsilon);
}

/**
 * Layer norm (Ba, Kiros and Hinton 2016, arXiv 1607.06450): each row along the last axis with its own moments, then scaled and shifted by
 * entry.
 *
 * @param x  Shape [..., features].
 * @returns  Like x.
 * @throws {InvalidArgumentError} as {@link batchNormalise}.
 *
 * Accuracy and differentiability are those of `batchNormalise`; a NaN or infinity makes its whole row NaN.
 */
export function layerNormalise<T extends Tensor>(x: T, options: NormaliseOptions = {}): T {
  const epsilon = checked('layerNormalise', x, options);
  const outer = x.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  return valuesOf(x, { outer, length: 1, groups: 1, width: x.shape.at(-1)! }, options, epsilon);
}
