import type { NdArray } from '@lensfield/contracts';
import { symmetricEigen } from '@lensfield/kernels';
import { tf } from '@lensfield/tensors';

/** A fixed linear map after which features are uncorrelated and of unit variance over training maps. */
export interface FeatureWhitening {
  readonly mean: NdArray;
  /** Shape [width, width]; rows multiply it from the left. */
  readonly matrix: NdArray;
}

/**
 * Smallest variance that is stretched to one, against a variance of 1 for each feature. Band powers of neighbouring bins and
 * scales are nearly the same number, and what tells parameters apart lies in their small differences.
 */
const SMALLEST_VARIANCE = 1e-5;

/**
 * Whitening of feature rows [n, width] by the eigenvectors of their correlation matrix. Directions of a variance below 1e-5
 * are not stretched to one, so that rounding and constant features do no harm.
 */
export function whiteningOf(rows: Float32Array, width: number): FeatureWhitening {
  const n = rows.length / Math.max(1, width);
  const { mean, sd } = momentsInFloat64(rows, width, n);
  const standard = Float64Array.from(
    rows,
    (value, i) => (value - mean[i % width]) * inverseOf(sd[i % width]),
  );
  const correlation = new Float64Array(width * width);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < width; i++) {
      const value = standard[row * width + i] / n;
      for (let j = 0; j <= i; j++) correlation[i * width + j] += value * standard[row * width + j];
    }
  }
  const matrix = new Float32Array(width * width);
  if (width > 0) {
    const { values, vectors } = symmetricEigen(correlation, width);
    for (let i = 0; i < width; i++) {
      for (let k = 0; k < width; k++) {
        const scale = 1 / Math.sqrt(Math.max(values[k], SMALLEST_VARIANCE));
        matrix[i * width + k] = inverseOf(sd[i]) * vectors[i * width + k] * scale;
      }
    }
  }
  return {
    mean: { shape: [width], data: Float32Array.from(mean) },
    matrix: { shape: [width, width], data: matrix },
  };
}

/** Features [n, width] after the map. */
export function whitened({ mean, matrix }: FeatureWhitening, features: tf.Tensor2D): tf.Tensor2D {
  const width = mean.data.length;
  const centred: tf.Tensor2D = tf.sub(features, tf.tensor1d(mean.data.slice()));
  return tf.matMul(centred, tf.tensor2d(matrix.data.slice(), [width, width]));
}

function momentsInFloat64(rows: Float32Array, width: number, n: number) {
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width] += rows[i] / n;
  for (let i = 0; i < rows.length; i++) variance[i % width] += (rows[i] - mean[i % width]) ** 2 / n;
  return { mean, sd: variance.map(Math.sqrt) };
}

/** A feature that does not vary is dropped. */
const inverseOf = (sd: number): number => (sd > 1e-20 ? 1 / sd : 0);
