import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';

export interface AdamConstants {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Steps done, this one included: 1 at the first. */
  readonly step: number;
}

/** The arrays that a step of Adam changes, all of one length. */
export interface AdamArrays {
  readonly parameters: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/**
 * One step of Adam (Kingma and Ba 2015, algorithm 1) with decoupled weight decay, in place, in one pass. Gradients below 1.4e-17 and
 * moments below 7.5e-37 count as zero: processors are slow with the numbers that would follow.
 */
export function adamStep(
  kernels: Kernels,
  gradients: Float32Array,
  arrays: AdamArrays,
  constants: AdamConstants,
): void {
  const { parameters, mean, variance } = arrays;
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = constants;
  requireLength('adamStep', 'parameters', parameters, gradients.length);
  requireLength('adamStep', 'mean', mean, gradients.length);
  requireLength('adamStep', 'variance', variance, gradients.length);
  kernels.call.lf_adam(
    gradients,
    parameters,
    mean,
    variance,
    gradients.length,
    learningRate,
    beta1,
    beta2,
    epsilon,
    weightDecay,
    1 / (1 - beta1 ** step),
    1 / (1 - beta2 ** step),
  );
}

/**
 * Scales a gradient in place so that its Euclidean norm is at most `maxNorm`. A norm that is not finite leaves it as it is.
 *
 * @returns The norm before, accumulated in float64; the same for any number of threads.
 */
export function clipByNorm(kernels: Kernels, gradients: Float32Array, maxNorm: number): number {
  return kernels.call.lf_clip_by_norm(gradients, gradients.length, maxNorm);
}
