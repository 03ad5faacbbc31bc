import { type TensorTree, tf } from '@lensfield/tensors';
import { couplingMask, type RealNvp } from './real-nvp.ts';

/** What a layer does to the coordinates that it transforms, zero for those that pass. */
interface ScaleAndShift {
  readonly logScale: tf.Tensor2D;
  readonly shift: tf.Tensor2D;
}

/** y [n, dimension] after the layer, and log |det| of the layer's Jacobian [n]. */
export interface Transformed {
  readonly y: tf.Tensor2D;
  readonly logDet: tf.Tensor1D;
}

/** log-scale and shift of a layer from the passing coordinates and the context. */
function conditioner(
  flow: RealNvp,
  weights: TensorTree,
  layer: number,
  passing: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): ScaleAndShift {
  const get = (name: string) => weights[`layer${layer}/${name}`] as tf.Tensor2D;
  let hidden = tf.matMul(passing, get('fromY'));
  if (context) hidden = tf.add(hidden, tf.matMul(context, get('fromContext')));
  hidden = tf.silu(tf.add(hidden, get('bias0')));
  for (let k = 1; k < flow.hiddenUnits.length; k++) {
    hidden = tf.silu(tf.add(tf.matMul(hidden, get(`weights${k}`)), get(`bias${k}`)));
  }
  // One product for both: alone each would fill a part of the kernel's vectors.
  const both: tf.Tensor2D = tf.add(
    tf.matMul(hidden, tf.concat([get('logScale'), get('shift')], 1)),
    tf.concat([get('logScaleBias'), get('shiftBias')], 0),
  );
  const [raw, shift] = tf.split(both, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  const moves = tf.tensor1d(couplingMask(flow, layer).map((pass) => 1 - pass));
  const bounded = tf.tanh(tf.mul(raw, 1 / flow.maxLogScale));
  return { logScale: tf.mul(bounded, tf.mul(moves, flow.maxLogScale)), shift: tf.mul(shift, moves) };
}

/** Towards the base: y e^s + t. */
export function coupling(
  flow: RealNvp,
  weights: TensorTree,
  layer: number,
  y: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): Transformed {
  const passing: tf.Tensor2D = tf.mul(y, tf.tensor1d(couplingMask(flow, layer)));
  const { logScale, shift } = conditioner(flow, weights, layer, passing, context);
  return {
    y: tf.add(tf.mul(y, tf.exp(logScale)), shift),
    logDet: tf.sum(logScale, 1),
  };
}

/** From the base: (z - t) e^-s. */
export function inverseCoupling(
  flow: RealNvp,
  weights: TensorTree,
  layer: number,
  z: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): tf.Tensor2D {
  const passing: tf.Tensor2D = tf.mul(z, tf.tensor1d(couplingMask(flow, layer)));
  const { logScale, shift } = conditioner(flow, weights, layer, passing, context);
  return tf.mul(tf.sub(z, shift), tf.exp(tf.neg(logScale)));
}
