import type { Key } from '@lensfield/contracts';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { ParameterTree, TensorTree } from '../parameters.ts';

/** The rows of one evaluation of the loss, and what goes with them. */
export interface Minibatch {
  /** Rows of the data set. */
  readonly rows: Int32Array;
  /** For whatever the evaluation draws; the same for the same validation rows in every epoch. */
  readonly key: Key;
  /** Arrays that are not trained but change from step to step, such as running moments. */
  readonly buffers: ParameterTree;
  readonly isTraining: boolean;
  /** Sets the buffers of the next step; without effect in validation. */
  keepBuffers(buffers: ParameterTree): void;
}

/** What is minimised: a mean loss over rows of a data set that the problem holds. */
export interface TrainingProblem {
  readonly trainingRows: Int32Array;
  readonly validationRows: Int32Array;
  /** Mean loss over the rows of the minibatch, differentiable in the parameters. */
  loss(parameters: TensorTree, batch: Minibatch): Scalar;
  /** Buffers of the first step. Default: none. */
  readonly initialBuffers?: ParameterTree;
}
