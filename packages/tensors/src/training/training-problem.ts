import type { Key } from '@lensfield/contracts';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { TensorTree } from '../parameters.ts';

/** What is minimised: a mean loss over rows of a data set that the problem holds. */
export interface TrainingProblem {
  readonly trainingRows: Int32Array;
  readonly validationRows: Int32Array;
  /** Mean loss over `rows`, differentiable in the parameters; `key` serves whatever the step draws. */
  loss(parameters: TensorTree, rows: Int32Array, key: Key): Scalar;
  /** Mean loss over `rows` in validation; the same key for the same rows in every epoch. Default: `loss`. */
  validationLoss?(parameters: TensorTree, rows: Int32Array, key: Key): Scalar;
}
