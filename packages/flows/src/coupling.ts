import { type TensorTree, tf } from '@lensfield/tensors';
import { conditioner } from './conditioner.ts';
import { couplingMask } from './coordinate-order.ts';
import type { CouplingFlow } from './flow.ts';
import { boundedLogScale } from './transforms/affine.ts';
import { networkOf, type RawOutputs, transformKind } from './transforms/transform.ts';

/** y [n, dimension] after the layer, and log |det| of the layer's Jacobian [n]. */
export interface Transformed {
  readonly y: tf.Tensor2D;
  readonly logDet: tf.Tensor1D;
}

/** A layer at one batch: what passes, the matrix [dimension, moved] that selects the rest, and the network's outputs. */
interface Coupling {
  readonly passing: tf.Tensor2D;
  readonly mask: Float32Array;
  readonly raw: RawOutputs;
}

function couplingOf(
  flow: CouplingFlow,
  weights: TensorTree,
  layer: number,
  y: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): Coupling {
  const mask = couplingMask(flow, layer);
  const passing: tf.Tensor2D = tf.mul(y, tf.tensor1d(mask));
  const raw = conditioner(weights, `layer${layer}`, networkOf(flow, flow), { y: passing, context });
  return { passing, mask, raw };
}

/** Scale and shift of all coordinates, zero for those that pass: masks cost an affine map less than a selection. */
function scaleAndShift(flow: Extract<CouplingFlow, { kind: 'affine' }>, { mask, raw }: Coupling) {
  const moves = tf.tensor1d(mask.map((pass) => 1 - pass));
  return {
    logScale: boundedLogScale(flow, raw('logScale'), moves),
    shift: tf.mul(raw('shift'), moves) as tf.Tensor2D,
  };
}

/** Column k has a one at the k-th coordinate that moves: a product with it selects, one with its transpose puts back. */
function selection(mask: Float32Array): tf.Tensor2D {
  const moved = Array.from(mask.keys()).filter((i) => mask[i] === 0);
  const ones = Float32Array.from({ length: mask.length * moved.length }, (_, i) =>
    moved[i % moved.length] === Math.floor(i / moved.length) ? 1 : 0,
  );
  return tf.tensor2d(ones, [mask.length, moved.length]);
}

/** Towards the base. */
export function coupling(
  flow: CouplingFlow,
  weights: TensorTree,
  layer: number,
  y: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): Transformed {
  const parts = couplingOf(flow, weights, layer, y, context);
  if (flow.kind === 'affine') {
    const { logScale, shift } = scaleAndShift(flow, parts);
    return { y: tf.add(tf.mul(y, tf.exp(logScale)), shift), logDet: tf.sum(logScale, 1) };
  }
  const select = selection(parts.mask);
  const moved = transformKind(flow).forward(flow, parts.raw, tf.matMul(y, select));
  return {
    y: tf.add(parts.passing, tf.matMul(moved.y, select, false, true)),
    logDet: tf.sum(moved.logSlope, 1),
  };
}

/** From the base. */
export function inverseCoupling(
  flow: CouplingFlow,
  weights: TensorTree,
  layer: number,
  z: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): tf.Tensor2D {
  const parts = couplingOf(flow, weights, layer, z, context);
  if (flow.kind === 'affine') {
    const { logScale, shift } = scaleAndShift(flow, parts);
    return tf.mul(tf.sub(z, shift), tf.exp(tf.neg(logScale)));
  }
  const select = selection(parts.mask);
  const moved = transformKind(flow).inverse(flow, parts.raw, tf.matMul(z, select));
  return tf.add(parts.passing, tf.matMul(moved, select, false, true));
}
