import { tf } from '@lensfield/tensors';
import type { AffineTransform } from '../flow.ts';
import type { TransformKind } from './transform.ts';

/** s from its raw value, in (-max, max); times `moves` (0 or 1 for each coordinate) where given. */
export function boundedLogScale(
  { maxLogScale }: AffineTransform,
  raw: tf.Tensor2D,
  moves?: tf.Tensor1D,
): tf.Tensor2D {
  const bounded = tf.tanh(tf.mul(raw, 1 / maxLogScale));
  return tf.mul(bounded, moves ? tf.mul(moves, maxLogScale) : maxLogScale);
}

/** y e^s + t. */
export const affine: TransformKind<AffineTransform> = {
  outputs: () => [
    { name: 'logScale', length: 1 },
    { name: 'shift', length: 1 },
  ],
  forward(transform, raw, x) {
    const logSlope = boundedLogScale(transform, raw('logScale'));
    return { y: tf.add(tf.mul(x, tf.exp(logSlope)), raw('shift')), logSlope };
  },
  inverse(transform, raw, y) {
    const logScale = boundedLogScale(transform, raw('logScale'));
    return tf.mul(tf.sub(y, raw('shift')), tf.exp(tf.neg(logScale)));
  },
};
