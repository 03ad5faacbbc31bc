import type { Key } from '@lensfield/contracts';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { ParameterTree, TensorTree } from '../parameters.ts';

/** The rows of one evaluation of the loss. */
export interface Minibatch {
  /** Rows of the data set. */
  readonly rows: Int32Array;
  /** For whatever the evaluation draws; the same for the same validation rows in every epoch. */
  readonly key: Key;
  readonly isTraining: boolean;
}

/** What a loss is computed from. */
export interface LossTensors {
  readonly parameters: TensorTree;
  /** What {@link TrainingProblem.inputs} gave for the minibatch. */
  readonly inputs: TensorTree;
  /** Numbers that are not trained but change from step to step, such as running moments. */
  readonly buffers: TensorTree;
  readonly isTraining: boolean;
}

/** A loss, and the buffers of the next step (without effect in validation). */
export interface LossAndBuffers {
  readonly loss: Scalar;
  readonly buffers: TensorTree;
}

/** What is minimised: a mean loss over rows of a data set that the problem holds. */
export interface TrainingProblem {
  readonly trainingRows: Int32Array;
  readonly validationRows: Int32Array;
  /**
   * Arrays for one minibatch, made outside the tape: rows picked, noise drawn from its key. The same names for every minibatch;
   * the same shapes for every one of as many rows.
   */
  inputs(batch: Minibatch): ParameterTree;
  /**
   * Mean loss over the rows of the minibatch, differentiable in the parameters. A function of its tensors and of nothing else that
   * changes: it is traced and replayed ({@link compile}), unless the training's option `compile` is false.
   */
  loss(tensors: LossTensors): Scalar | LossAndBuffers;
  /** Buffers of the first step. Default: none. */
  readonly initialBuffers?: ParameterTree;
}

/** The two forms of a loss as one. */
export function lossAndBuffers(result: Scalar | LossAndBuffers): LossAndBuffers {
  return 'loss' in result ? result : { loss: result, buffers: {} };
}
