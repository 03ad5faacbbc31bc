import { type TensorTree, tf } from '@lensfield/tensors';
import { conditioner } from './conditioner.ts';
import type { GaussianMixture } from './flow.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** The components for each row of the context (for one row without a context). */
export interface Components {
  /** [rows, numComponents]. */
  readonly logWeights: tf.Tensor2D;
  /** [rows, numComponents, dimension]. */
  readonly means: tf.Tensor3D;
  /** Upper triangular factors A of the inverse covariances A A^T, without their diagonals: [rows, numComponents, dimension, dimension]. */
  readonly above: tf.Tensor4D;
  /** Logarithms of the diagonals of A: [rows, numComponents, dimension]. */
  readonly logDiagonals: tf.Tensor3D;
}

/** Names and lengths of the network's outputs. */
export function mixtureOutputs({ numComponents, dimension }: GaussianMixture) {
  return [
    { name: 'logits', length: numComponents },
    { name: 'means', length: numComponents * dimension },
    { name: 'logDiagonals', length: numComponents * dimension },
    { name: 'above', length: numComponents * dimension * dimension },
  ];
}

/** Evaluates the network, prefix `mixture`. */
export function componentsOf(
  flow: GaussianMixture,
  weights: TensorTree,
  context: tf.Tensor2D | undefined,
): Components {
  const { numComponents: count, dimension: size, hiddenUnits } = flow;
  const network = { hiddenUnits, outputs: mixtureOutputs(flow) };
  const raw = conditioner(weights, 'mixture', network, { context });
  const perCoordinate = (name: string) => tf.reshape(raw(name), [-1, count, size]) as tf.Tensor3D;
  return {
    logWeights: tf.logSoftmax(raw('logits')),
    means: perCoordinate('means'),
    logDiagonals: perCoordinate('logDiagonals'),
    above: tf.mul(tf.reshape(raw('above'), [-1, count, size, size]), strictlyUpper(size)),
  };
}

function strictlyUpper(size: number): tf.Tensor2D {
  const ones = Float32Array.from({ length: size * size }, (_, i) =>
    i % size > Math.floor(i / size) ? 1 : 0,
  );
  return tf.tensor2d(ones, [size, size]);
}

/**
 * log of the mixture's density at rows of z, in nats: with u = (z - mean) A, a component has the density
 * |A| N(u; 0, 1). Shape [n].
 */
export function mixtureLogProb(
  flow: GaussianMixture,
  weights: TensorTree,
  z: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): tf.Tensor1D {
  const { logWeights, means, above, logDiagonals } = componentsOf(flow, weights, context);
  const centred: tf.Tensor3D = tf.sub(tf.expandDims(z, 1), means);
  const mixed = tf.sum(tf.mul(tf.expandDims(centred, 3), above), 2) as tf.Tensor3D;
  const white = tf.add(mixed, tf.mul(centred, tf.exp(logDiagonals)));
  const logDet = tf.sub(tf.sum(logDiagonals, 2), flow.dimension * HALF_LOG_2PI);
  const logProbs = tf.add(tf.mul(tf.sum(tf.square(white), 2), -0.5), tf.add(logDet, logWeights));
  return tf.logSumExp(logProbs, 1) as tf.Tensor1D;
}
