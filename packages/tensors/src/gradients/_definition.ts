import {
  broadcast_util,
  engine,
  type GradConfig,
  type NamedAttrMap,
  reshape,
  sum,
  type Tensor,
  zeros,
} from '@tensorflow/tfjs-core';

/** One gradient per input, each computed only when that input is wanted. */
export type InputGradients = Record<string, () => Tensor>;

/** Gradient of a kernel with one output: `dy` has the shape of the output, `saved` are the saved inputs, then outputs. */
export type GradientFunction = (dy: Tensor, saved: Tensor[], attributes: NamedAttrMap) => InputGradients;

/** A gradient that saves inputs only. */
export function gradient(kernelName: string, inputsToSave: string[], gradFunc: GradientFunction): GradConfig {
  return { kernelName, inputsToSave, gradFunc: gradFunc as NonNullable<GradConfig['gradFunc']> };
}

/**
 * A gradient that saves inputs, and the output after them. The saved output is a value only: TensorFlow.js puts its copy on
 * the tape before the node that makes it, so a second derivative must not pass through it. See {@link differentiableOutput}.
 */
export function gradientWithOutput(
  kernelName: string,
  inputsToSave: string[],
  gradFunc: GradientFunction,
): GradConfig {
  return { ...gradient(kernelName, inputsToSave, gradFunc), outputsToSave: [true] };
}

/** True while an outer gradient records what a gradient function computes. */
export function isRecording(): boolean {
  return engine().state.gradientDepth > 0;
}

/** The saved output where only its value is needed, else the output computed again so that the outer tape sees it. */
export function differentiableOutput(saved: Tensor, recompute: () => Tensor): Tensor {
  return isRecording() ? recompute() : saved;
}

/** Runs `f` off the tape: what it returns is a constant to every gradient. */
export function untracked<T>(f: () => T): T {
  const { state } = engine();
  const depth = state.gradientDepth;
  state.gradientDepth = 0;
  try {
    return f();
  } finally {
    state.gradientDepth = depth;
  }
}

/** Sums a gradient over the axes along which an input of shape `shape` was broadcast. */
export function sumToShape(dx: Tensor, shape: readonly number[]): Tensor {
  const axes = broadcast_util.getReductionAxes(shape as number[], dx.shape);
  const reduced = axes.length > 0 ? sum(dx, axes) : dx;
  return reshape(reduced, shape as number[]);
}

/** The gradient of a function that is constant almost everywhere (masks, rounding): zero, so that masks act as constants. */
export function constantGradient(kernelName: string, inputs: string[]): GradConfig {
  return gradient(kernelName, inputs, (_dy, saved) =>
    Object.fromEntries(inputs.map((name, i) => [name, () => zeros(saved[i]!.shape)])),
  );
}
