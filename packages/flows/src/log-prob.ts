import { type TensorTree, tf } from '@lensfield/tensors';
import { autoregressive, inverseAutoregressive } from './autoregressive.ts';
import { coupling, inverseCoupling } from './coupling.ts';
import type { BijectiveFlow, Flow } from './flow.ts';
import { mixtureLogProb } from './gaussian-mixture.ts';
import { mixingLogDet, mixingMatrix } from './mixing.ts';
import { fromStandard, standardContext, toStandard } from './standard-coordinates.ts';
import type { Standardisation } from './standardisation.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/**
 * Where the flow sends y, a standard normal under the flow's density, and the log determinant of the map's Jacobian.
 *
 * @param weights  Tensors with the names and shapes of `initFlow`.
 * @param y        Shape [n, dimension].
 * @param context  Shape [n, contextDimension].
 */
export function toBaseTensor(
  flow: BijectiveFlow,
  weights: TensorTree,
  standardisation: Standardisation,
  y: tf.Tensor2D,
  context: tf.Tensor2D,
): { readonly z: tf.Tensor2D; readonly logDet: tf.Tensor } {
  const standard = toStandard(flow, standardisation, y, context);
  let z = standard.z;
  let logDet: tf.Tensor = standard.logDet;
  for (let layer = 0; layer < flow.numLayers; layer++) {
    const step =
      flow.kind === 'maf'
        ? autoregressive(flow, weights, layer, z, standard.context)
        : coupling(flow, weights, layer, z, standard.context);
    z = step.y;
    logDet = tf.add(logDet, step.logDet);
    if (flow.mixing === 'linear') {
      z = tf.matMul(z, mixingMatrix(flow, weights, layer));
      logDet = tf.add(logDet, mixingLogDet(weights, layer));
    }
  }
  return { z, logDet };
}

/**
 * log q(y | context) of the flow, differentiable in its weights, in y and in the context, twice.
 *
 * @param weights  Tensors with the names and shapes of `initFlow`.
 * @param y        Shape [n, dimension].
 * @param context  Shape [n, contextDimension].
 * @returns        Shape [n], natural logarithm.
 *
 * Memory: call it inside `tf.tidy`.
 */
export function logProbTensor(
  flow: Flow,
  weights: TensorTree,
  standardisation: Standardisation,
  y: tf.Tensor2D,
  context: tf.Tensor2D,
): tf.Tensor1D {
  if (flow.kind === 'mixture') {
    const standard = toStandard(flow, standardisation, y, context);
    return tf.add(mixtureLogProb(flow, weights, standard.z, standard.context), standard.logDet);
  }
  const { z, logDet } = toBaseTensor(flow, weights, standardisation, y, context);
  const base = tf.mul(tf.sum(tf.mul(z, z), 1), -0.5);
  return tf.add(tf.sub(base, flow.dimension * HALF_LOG_2PI), logDet);
}

/**
 * y of base points z for the given contexts: the inverse of the flow.
 *
 * @param inverseMixing  Inverse mixing matrix of each layer, row-major; none for a flow without them.
 */
export function fromBaseTensor(
  flow: BijectiveFlow,
  weights: TensorTree,
  standardisation: Standardisation,
  inverseMixing: readonly Float32Array[],
  z: tf.Tensor2D,
  context: tf.Tensor2D,
): tf.Tensor2D {
  const c = standardContext(flow, standardisation, context);
  const size = flow.dimension;
  let y = z;
  for (let layer = flow.numLayers - 1; layer >= 0; layer--) {
    if (flow.mixing === 'linear') y = tf.matMul(y, tf.tensor2d(inverseMixing[layer]!, [size, size]));
    y =
      flow.kind === 'maf'
        ? inverseAutoregressive(flow, weights, layer, y, c)
        : inverseCoupling(flow, weights, layer, y, c);
  }
  return fromStandard(standardisation, y, c);
}
