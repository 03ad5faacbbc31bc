import type { NdArray } from '@lensfield/contracts';
import { type TensorTree, tf } from '@lensfield/tensors';
import type { Flow } from './flow.ts';
import { logProbTensor } from './log-prob.ts';
import type { Standardisation } from './standardisation.ts';

/** Derivatives of the log density that are known at the training rows, such as a simulator's scores. */
export interface ScoreTerm {
  /** What they are derivatives in: `y` for a posterior q(theta | x), `context` for a likelihood q(x | theta). */
  readonly of: 'y' | 'context';
  /** Shape [n, dimension] or [n, contextDimension]. */
  readonly values: NdArray<Float32Array>;
  /** Factor of the mean squared distance, summed over the coordinates, beside the mean of -log q in nats. */
  readonly weight: number;
}

/** Rows of a minibatch. */
export interface FlowRows {
  readonly y: tf.Tensor2D;
  readonly context: tf.Tensor2D;
  /** Of the score term, where there is one. */
  readonly score?: tf.Tensor2D;
}

/**
 * The mean of -log q(y | context), plus weight * mean |score - grad log q|^2 where scores are given: the gradient of that in the
 * weights differentiates the flow twice.
 *
 * Source: Zeghal et al. (2022), arXiv 2207.05636 (posterior); Brehmer et al. (2018), arXiv 1805.12244 (likelihood, SCANDAL).
 */
export function flowLoss(
  flow: Flow,
  weights: TensorTree,
  standardisation: Standardisation,
  rows: FlowRows,
  term?: ScoreTerm,
): tf.Scalar {
  const { y, context, score } = rows;
  if (!term || !score) {
    return tf.neg(tf.mean(logProbTensor(flow, weights, standardisation, y, context)));
  }
  const logProb = (at: tf.Tensor) =>
    term.of === 'y'
      ? logProbTensor(flow, weights, standardisation, at as tf.Tensor2D, context)
      : logProbTensor(flow, weights, standardisation, y, at as tf.Tensor2D);
  const { value, grad } = tf.valueAndGrad((at: tf.Tensor) => tf.sum(logProb(at)))(rows[term.of]);
  const misfit = tf.mul(tf.sum(tf.squaredDifference(grad, score)), term.weight);
  return tf.div(tf.sub(misfit, value), y.shape[0]);
}
