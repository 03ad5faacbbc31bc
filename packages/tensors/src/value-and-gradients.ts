import { dispose, engine, type Scalar, type Tensor, tidy } from '@tensorflow/tfjs-core';
import {
  isVector,
  type ParameterTree,
  type ParameterVector,
  parameterVector,
  type TensorTree,
  tensorsOf,
} from './parameters.ts';

/** A loss and its gradient as plain data, laid out as the parameters. */
export interface ValueAndGradients {
  readonly value: number;
  readonly gradients: ParameterVector;
}

/**
 * Value and gradient of a scalar loss in every array of a parameter tree.
 *
 * @param loss        Receives the parameters as tensors, which are disposed afterwards; returns a scalar.
 * @param parameters  Plain arrays; a vector saves one copy.
 * @returns           The value, and gradients in the layout of the parameters: zero where the loss does not depend on one.
 * @throws {UnsupportedError} if an op on the way has no gradient.
 *
 * A NaN in value or gradients is returned as it is. Memory: leak-free.
 */
export function valueAndGradients(
  loss: (parameters: TensorTree) => Tensor,
  parameters: ParameterTree | ParameterVector,
): ValueAndGradients {
  const vector = isVector(parameters) ? parameters : parameterVector(parameters);
  const gradients = {
    names: vector.names,
    shapes: vector.shapes,
    values: new Float32Array(vector.values.length),
  };
  const value = releasingTape(() =>
    tidy(() => {
      const tensors = tensorsOf(vector);
      const inputs = Object.values(tensors);
      const result = engine().gradients(() => loss(tensors) as Scalar, inputs, undefined, true);
      writeGradients(result.grads, inputs, gradients.values);
      return result.value.dataSync()[0]!;
    }),
  );
  return { value, gradients };
}

/** Runs `f`; when it throws, also lets go of what the tape has kept for the way back, which nothing else would. */
export function releasingTape<T>(f: () => T): T {
  try {
    return f();
  } catch (error) {
    const { state } = engine();
    if (state.gradientDepth === 0) {
      for (const node of state.activeTape ?? []) dispose(node.saved ?? []);
      state.activeTape = [];
    }
    throw error;
  }
}

function writeGradients(
  grads: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  out: Float32Array,
): void {
  let offset = 0;
  for (const [i, input] of inputs.entries()) {
    const gradient = grads[i];
    if (gradient) out.set(gradient.dataSync(), offset);
    offset += input.size;
  }
}
