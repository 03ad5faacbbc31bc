import type { NdArray } from '@lensfield/contracts';
import { type TensorTree, tf } from '@lensfield/tensors';
import { coupling, inverseCoupling } from './coupling.ts';
import { mixingLogDet, mixingMatrix } from './mixing.ts';
import type { RealNvp } from './real-nvp.ts';
import { type Standardisation, standardisationLogDet } from './standardisation.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** A small array of the standardisation as a tensor. */
function constant({ shape, data }: NdArray): tf.Tensor {
  return tf.tensor(data, [...shape]);
}

function matrixOf(array: NdArray): tf.Tensor2D {
  return constant(array) as tf.Tensor2D;
}

function standardisedContext(
  flow: RealNvp,
  standardisation: Standardisation,
  context: tf.Tensor2D,
): tf.Tensor2D | undefined {
  if (flow.contextDimension === 0) return undefined;
  const centred: tf.Tensor2D = tf.sub(context, constant(standardisation.contextMean));
  return tf.div(centred, constant(standardisation.contextSd));
}

/**
 * Where the flow sends y, a standard normal under the flow's density, and the log determinant of the map's Jacobian.
 *
 * @param weights  Tensors with the names and shapes of `initFlow`.
 * @param y        Shape [n, dimension].
 * @param context  Shape [n, contextDimension].
 */
export function toBaseTensor(
  flow: RealNvp,
  weights: TensorTree,
  standardisation: Standardisation,
  y: tf.Tensor2D,
  context: tf.Tensor2D,
): { readonly z: tf.Tensor2D; readonly logDet: tf.Tensor } {
  const c = standardisedContext(flow, standardisation, context);
  let centred: tf.Tensor2D = tf.sub(y, constant(standardisation.yMean));
  if (c) centred = tf.sub(centred, tf.matMul(c, matrixOf(standardisation.regression)));
  let z: tf.Tensor2D = tf.matMul(centred, matrixOf(standardisation.whitening));
  let logDet: tf.Tensor = tf.scalar(standardisationLogDet(standardisation));
  for (let layer = 0; layer < flow.numLayers; layer++) {
    const step = coupling(flow, weights, layer, z, c);
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
  flow: RealNvp,
  weights: TensorTree,
  standardisation: Standardisation,
  y: tf.Tensor2D,
  context: tf.Tensor2D,
): tf.Tensor1D {
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
  flow: RealNvp,
  weights: TensorTree,
  standardisation: Standardisation,
  inverseMixing: readonly Float32Array[],
  z: tf.Tensor2D,
  context: tf.Tensor2D,
): tf.Tensor2D {
  const c = standardisedContext(flow, standardisation, context);
  const size = flow.dimension;
  let y = z;
  for (let layer = flow.numLayers - 1; layer >= 0; layer--) {
    if (flow.mixing === 'linear') y = tf.matMul(y, tf.tensor2d(inverseMixing[layer]!, [size, size]));
    y = inverseCoupling(flow, weights, layer, y, c);
  }
  let shifted: tf.Tensor2D = tf.add(
    tf.matMul(y, matrixOf(standardisation.colouring)),
    constant(standardisation.yMean),
  );
  if (c) shifted = tf.add(shifted, tf.matMul(c, matrixOf(standardisation.regression)));
  return shifted;
}
