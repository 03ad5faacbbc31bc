import type { NdArray } from '@lensfield/contracts';
import { type ParameterTree, type TensorTree, tf } from '@lensfield/tensors';

/**
 * A conditional density that is trained with the compressor and then thrown away, for VMIM: any differentiable
 * log q(targets | summaries).
 */
export interface VariationalHead {
  readonly parameters: ParameterTree;
  /** log q, shape [n], of targets [n, numTargets] given summaries [n, numSummaries]; differentiable in all three. */
  logProb(parameters: TensorTree, targets: tf.Tensor2D, summaries: tf.Tensor2D): tf.Tensor1D;
}

/**
 * A head that is fitted to what the compressor gives before training: summaries [n, numSummaries] and targets. A flow that is
 * trained on them first spares the compressor the gradients of a head that knows nothing.
 */
export type VariationalHeadFor = (
  summaries: NdArray<Float32Array>,
  targets: NdArray<Float32Array>,
) => VariationalHead | Promise<VariationalHead>;

/** What a compressor is trained to minimise. */
export type CompressorLoss =
  | { readonly kind: 'mse' }
  | { readonly kind: 'vmim'; readonly head: VariationalHead | VariationalHeadFor };

/**
 * Mean over the batch of the squared distance between summaries and targets, summed over targets: the minimum is the
 * posterior mean.
 */
export function mse(summaries: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  return tf.mean(tf.sum(tf.square(tf.sub(summaries, targets)), 1));
}

/**
 * Variational mutual information maximisation: the mean of -log q(targets | summaries), in nats. Minimised over the head, it
 * bounds the conditional entropy of the targets from above; minimised over the compressor too, it keeps what the maps say
 * about them.
 *
 * Source: Jeffrey, Alsing & Lanusse (2021), arXiv 2009.08459, section 3.2.
 */
export function vmim(
  head: VariationalHead,
  headParameters: TensorTree,
  summaries: tf.Tensor2D,
  targets: tf.Tensor2D,
): tf.Scalar {
  return tf.neg(tf.mean(head.logProb(headParameters, targets, summaries)));
}
