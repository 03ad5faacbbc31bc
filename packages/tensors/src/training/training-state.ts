import { type AdamState, adam } from '../adam.ts';
import type { ParameterTree } from '../parameters.ts';

/** Losses of one finished epoch. */
export interface EpochRecord {
  readonly epoch: number;
  /** Mean over the minibatches of the epoch, each with the parameters of its step. */
  readonly trainLoss: number;
  /** With the parameters at the end of the epoch. */
  readonly validationLoss: number;
  readonly learningRate: number;
}

/**
 * All that a training needs to go on to the same bits: plain data, to be written to disk after any step.
 * `optimizer.step` counts the steps taken.
 */
export interface TrainingState {
  readonly optimizer: AdamState;
  /** What the loss keeps from step to step: see {@link TrainingProblem}. */
  readonly buffers: ParameterTree;
  /** Epochs finished. */
  readonly epoch: number;
  /** Minibatches done in the present epoch; sum and number of the losses of its steps. */
  readonly batch: number;
  readonly lossSum: number;
  readonly lossCount: number;
  /** Steps left out because loss or gradient was not finite, in all and since the last good one. */
  readonly skippedSteps: number;
  readonly skippedInARow: number;
  readonly best: { readonly epoch: number; readonly validationLoss: number; readonly values: Float32Array };
  readonly history: readonly EpochRecord[];
}

/** The state before the first step. */
export function initTraining(parameters: ParameterTree, buffers: ParameterTree = {}): TrainingState {
  const optimizer = adam().init(parameters);
  return {
    optimizer,
    buffers,
    epoch: 0,
    batch: 0,
    lossSum: 0,
    lossCount: 0,
    skippedSteps: 0,
    skippedInARow: 0,
    best: { epoch: -1, validationLoss: Infinity, values: optimizer.parameters.values.slice() },
    history: [],
  };
}

/** A copy that later steps do not change (they replace buffers, and change the optimiser's arrays in place). */
export function copyOfTrainingState(state: TrainingState): TrainingState {
  const { optimizer } = state;
  return {
    ...state,
    optimizer: {
      ...optimizer,
      parameters: { ...optimizer.parameters, values: optimizer.parameters.values.slice() },
      mean: optimizer.mean.slice(),
      variance: optimizer.variance.slice(),
    },
  };
}
