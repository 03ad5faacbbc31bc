import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** Name of the kernel that multiplies a gradient by an activation's slope. */
export const ACTIVATION_GRADIENT = 'LensfieldActivationGradient';

/** Activations with a fused gradient: relu takes the input, tanh and sigmoid take the output. */
export type FusedActivation = 'relu' | 'tanh' | 'sigmoid';

/**
 * dy times the slope of an activation, in one kernel. Differentiable in dy only; for `tanh` and `sigmoid` (whose slope
 * depends on x smoothly) use it where no outer gradient records.
 */
export function activationGradient(activation: FusedActivation, dy: Tensor, inputOrOutput: Tensor): Tensor {
  return engine().runKernel(ACTIVATION_GRADIENT, { dy, value: inputOrOutput }, { activation });
}

/** Slope as a function of what {@link activationGradient} receives. */
export const activationSlope: Record<FusedActivation, (value: number) => number> = {
  relu: (x) => (x > 0 ? 1 : 0),
  tanh: (y) => 1 - y * y,
  sigmoid: (y) => y * (1 - y),
};
