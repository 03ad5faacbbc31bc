import { adamStep, InvalidArgumentError, NumericalError } from '@lensfield/kernels';
import { currentKernels } from './init.ts';
import { isVector, type ParameterTree, type ParameterVector, parameterVector } from './parameters.ts';

export interface AdamOptions {
  /** Step size; a function of the number of steps done gives a schedule. Default 1e-3. */
  readonly learningRate?: number | ((step: number) => number);
  /** Decay of the running mean of the gradient. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the running mean of its square. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** Decoupled weight decay (AdamW). Default 0. */
  readonly weightDecay?: number;
}

/** All that the next step needs, as plain data: write it to disk after any step and go on to the same bits. */
export interface AdamState {
  /** Steps done. */
  readonly step: number;
  readonly parameters: ParameterVector;
  /** Running means of gradient and squared gradient, in the layout of the parameters. */
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

export interface Adam {
  init(parameters: ParameterTree | ParameterVector): AdamState;
  step(state: AdamState, gradients: ParameterVector): AdamState;
}

/** What the options default to. */
export const ADAM_DEFAULTS = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
} as const;

/**
 * Adam (Kingma and Ba 2015, algorithm 1; with `weightDecay` Loshchilov and Hutter 2019, algorithm 2).
 *
 * `init` copies the parameters. `step` updates the arrays of the state in place, in one pass, and returns a state with the
 * step counted that shares them: keep a copy of what you want to go back to.
 *
 * @throws {NumericalError} from `step` if a gradient is not finite; the state is then untouched.
 */
export function adam(options: AdamOptions = {}): Adam {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = { ...ADAM_DEFAULTS, ...options };
  return {
    init(parameters) {
      const source = isVector(parameters) ? parameters : parameterVector(parameters);
      const vector = { ...source, values: source.values.slice() };
      const zeros = () => new Float32Array(vector.values.length);
      return { step: 0, parameters: vector, mean: zeros(), variance: zeros() };
    },
    step(state, gradients) {
      const rate = typeof learningRate === 'number' ? learningRate : learningRate(state.step);
      checkGradients(state, gradients.values);
      updateInPlace(state, gradients.values, { rate, beta1, beta2, epsilon, weightDecay });
      return { ...state, step: state.step + 1 };
    },
  };
}

function checkGradients(state: AdamState, gradients: Float32Array): void {
  if (gradients.length !== state.parameters.values.length) {
    throw new InvalidArgumentError(
      'gradients',
      `tensors.adam: gradients must hold ${state.parameters.values.length} values; got ${gradients.length}.`,
    );
  }
  for (let i = 0; i < gradients.length; i++) {
    const gradient = gradients[i]!;
    // x - x is 0 for a finite x alone.
    if (gradient - gradient === 0) continue;
    throw new NumericalError(
      'gradients',
      `tensors.adam: gradients must be finite; got ${gradient} at ${i}. Lower the learning rate or clip the gradient.`,
    );
  }
}

interface UpdateConstants {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

function updateInPlace(state: AdamState, gradients: Float32Array, constants: UpdateConstants): void {
  const kernels = currentKernels();
  if (!kernels) {
    updatePlainly(state, gradients, constants);
    return;
  }
  const { parameters, mean, variance, step } = state;
  const { rate, ...rest } = constants;
  const arrays = { parameters: parameters.values, mean, variance };
  adamStep(kernels, gradients, arrays, { ...rest, learningRate: rate, step: step + 1 });
}

/** The same update in JavaScript, for the `cpu` backend. */
function updatePlainly(state: AdamState, gradients: Float32Array, constants: UpdateConstants): void {
  const { rate, beta1, beta2, epsilon, weightDecay } = constants;
  const { mean, variance } = state;
  const { values } = state.parameters;
  const meanCorrection = 1 / (1 - beta1 ** (state.step + 1));
  const varianceCorrection = 1 / (1 - beta2 ** (state.step + 1));
  for (let i = 0; i < values.length; i++) {
    const g = gradients[i]!;
    mean[i] = beta1 * mean[i]! + (1 - beta1) * g;
    variance[i] = beta2 * variance[i]! + (1 - beta2) * g * g;
    const direction = (mean[i]! * meanCorrection) / (Math.sqrt(variance[i]! * varianceCorrection) + epsilon);
    values[i]! -= rate * (direction + weightDecay * values[i]!);
  }
}
