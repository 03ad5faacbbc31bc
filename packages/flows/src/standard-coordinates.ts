import type { NdArray } from '@lensfield/contracts';
import { tf } from '@lensfield/tensors';
import type { FlowSizes } from './flow.ts';
import { type Standardisation, standardisationLogDet } from './standardisation.ts';

/** y and context after the standardisation, and the log determinant of the former's map. */
export interface StandardCoordinates {
  readonly z: tf.Tensor2D;
  /** None for a flow without context. */
  readonly context: tf.Tensor2D | undefined;
  readonly logDet: tf.Scalar;
}

/** A small array of the standardisation as a tensor. */
function constant({ shape, data }: NdArray): tf.Tensor {
  return tf.tensor(data, [...shape]);
}

function matrixOf(array: NdArray): tf.Tensor2D {
  return constant(array) as tf.Tensor2D;
}

export function standardContext(
  flow: FlowSizes,
  standardisation: Standardisation,
  context: tf.Tensor2D,
): tf.Tensor2D | undefined {
  if (flow.contextDimension === 0) return undefined;
  const centred: tf.Tensor2D = tf.sub(context, constant(standardisation.contextMean));
  return tf.div(centred, constant(standardisation.contextSd));
}

/**
 * Takes the linear-Gaussian part off y: a standard normal where y is Gaussian about a linear function of the context.
 *
 * @param y        Shape [n, dimension].
 * @param context  Shape [n, contextDimension]; not read where that is 0.
 *
 * Memory: call it inside `tf.tidy`.
 */
export function toStandard(
  flow: FlowSizes,
  standardisation: Standardisation,
  y: tf.Tensor2D,
  context: tf.Tensor2D,
): StandardCoordinates {
  const c = standardContext(flow, standardisation, context);
  let centred: tf.Tensor2D = tf.sub(y, constant(standardisation.yMean));
  if (c) centred = tf.sub(centred, tf.matMul(c, matrixOf(standardisation.regression)));
  return {
    z: tf.matMul(centred, matrixOf(standardisation.whitening)),
    context: c,
    logDet: tf.scalar(standardisationLogDet(standardisation)),
  };
}

/** y of standardised z for standardised contexts. */
export function fromStandard(
  standardisation: Standardisation,
  z: tf.Tensor2D,
  context: tf.Tensor2D | undefined,
): tf.Tensor2D {
  const shifted: tf.Tensor2D = tf.add(
    tf.matMul(z, matrixOf(standardisation.colouring)),
    constant(standardisation.yMean),
  );
  return context ? tf.add(shifted, tf.matMul(context, matrixOf(standardisation.regression))) : shifted;
}
