import { compilingBackend } from '../compile/trace-step.ts';
import { currentKernels } from '../init.ts';
import { type ParameterTree, parameterTree } from '../parameters.ts';
import { compiledRunner } from './compiled-runner.ts';
import type { StepRunner } from './step-runner.ts';
import { tapedRunner } from './taped-runner.ts';
import type { TrainingProblem } from './training-problem.ts';
import { initTraining } from './training-state.ts';

export interface StepperOptions {
  /** Of Adam, in the next step. Default 1e-3. */
  readonly learningRate?: number | ((step: number) => number);
  /** Largest global norm of the gradient. Default 5. */
  readonly clipNorm?: number;
  /** Decoupled weight decay. Default 0. */
  readonly weightDecay?: number;
  /** As of {@link TrainingOptions}. */
  readonly compile?: boolean;
  /** As of {@link TrainingProblem}. */
  readonly initialBuffers?: ParameterTree;
}

/** Training steps one by one, for a loop of the caller's own. Owns memory until `dispose`. */
export interface Stepper {
  /** One step of clipped Adam on a minibatch; left out, and said so, when loss or gradient is not finite. */
  step(inputs?: ParameterTree): { readonly loss: number; readonly isTaken: boolean };
  /** Copies of the present parameters. */
  parameters(): ParameterTree;
  dispose(): void;
}

/** What runs the steps of a loss: one call into C each, unless told otherwise or on the `cpu` backend. */
export function runnerFor(problem: Pick<TrainingProblem, 'loss'>, compile?: boolean): StepRunner {
  const isCompiled = compile ?? currentKernels() !== undefined;
  return isCompiled ? compiledRunner(compilingBackend(), problem) : tapedRunner(problem);
}

/**
 * Steps of clipped Adam on a loss, compiled as {@link train} compiles them.
 *
 * @param loss        Of a minibatch, from tensors alone; see {@link TrainingProblem}.
 * @param parameters  Where to start; copied.
 * @throws {UnsupportedError} from `step`, naming the op, if the loss cannot be compiled and `compile` is not false.
 *
 * Accuracy: the steps of {@link train} to the bit (test/stepper.test.ts).
 *
 * @example
 * const stepper = createStepper(({ parameters, inputs }) => tf.mean(tf.square(tf.sub(parameters.mean, inputs.x))), {
 *   mean: { shape: [], data: Float32Array.of(0) },
 * });
 * const { loss } = stepper.step({ x: { shape: [2], data: Float32Array.of(1, 3) } });
 */
export function createStepper(
  loss: TrainingProblem['loss'],
  parameters: ParameterTree,
  options: StepperOptions = {},
): Stepper {
  const { learningRate = 1e-3, clipNorm = 5, weightDecay = 0 } = options;
  const runner = runnerFor({ loss }, options.compile);
  let state = runner.adopt(initTraining(parameters, options.initialBuffers));
  return {
    step(inputs = {}) {
      const { step } = state.optimizer;
      const rate = typeof learningRate === 'number' ? learningRate : learningRate(step);
      const result = runner.step(state, inputs, { learningRate: rate, clipNorm, weightDecay });
      const { isTaken, buffers } = result;
      if (isTaken) state = { ...state, buffers, optimizer: { ...state.optimizer, step: step + 1 } };
      return { loss: result.loss, isTaken };
    },
    parameters() {
      const { parameters: vector } = state.optimizer;
      return parameterTree({ ...vector, values: vector.values.slice() });
    },
    dispose: runner.dispose,
  };
}
