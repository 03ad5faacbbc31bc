import type { ParameterTree } from '../parameters.ts';
import type { TrainingState } from './training-state.ts';

/** What changes from step to step beside the minibatch. */
export interface StepSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
}

export interface StepResult {
  readonly loss: number;
  /** False when loss or gradient was not finite: the state is then untouched. */
  readonly isTaken: boolean;
  /** Of the next step. */
  readonly buffers: ParameterTree;
}

/** Runs steps and validations of one training: on the tape, or compiled. */
export interface StepRunner {
  /** The state with the arrays of its optimiser where this runner updates them. */
  adopt(state: TrainingState): TrainingState;
  /** One step of clipped Adam; changes the arrays of `state.optimizer`, and leaves its count to the caller. */
  step(state: TrainingState, inputs: ParameterTree, settings: StepSettings): StepResult;
  /** The loss in validation. */
  validate(state: TrainingState, inputs: ParameterTree): number;
  /** Gives memory back; adopted states must not be used afterwards. */
  dispose(): void;
}
