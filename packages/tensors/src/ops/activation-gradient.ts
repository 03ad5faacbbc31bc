import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** Name of the kernel that multiplies a gradient by an activation's slope. */
export const ACTIVATION_GRADIENT = 'LensfieldActivationGradient';

/** Activations with a fused gradient: softplus and silu take the input, the others the output. */
export type FusedActivation = 'relu' | 'leakyRelu' | 'tanh' | 'sigmoid' | 'elu' | 'softplus' | 'silu';

/**
 * dy times the slope of an activation, in one kernel. Differentiable in dy only: for all but `relu` and `leakyRelu`, which have no
 * curvature, use it where no outer gradient records. `alpha` is the slope of `leakyRelu` below zero, at least 0.
 */
export function activationGradient(
  activation: FusedActivation,
  dy: Tensor,
  inputOrOutput: Tensor,
  alpha = 0,
): Tensor {
  return engine().runKernel(ACTIVATION_GRADIENT, { dy, value: inputOrOutput }, { activation, alpha });
}

const logistic = (x: number) => 1 / (1 + Math.exp(-x));

/** Slope as a function of what {@link activationGradient} receives. */
export const activationSlope: Record<FusedActivation, (value: number, alpha: number) => number> = {
  relu: (y) => (y > 0 ? 1 : 0 * y),
  leakyRelu: (y, alpha) => (y > 0 ? 1 : alpha + 0 * y),
  tanh: (y) => 1 - y * y,
  sigmoid: (y) => y * (1 - y),
  elu: (y) => (y > 0 ? 1 : y + 1),
  softplus: logistic,
  silu: (x) => logistic(x) * (1 + x * (1 - logistic(x))),
};
