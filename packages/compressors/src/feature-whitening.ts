import type { NdArray } from '@lensfield/contracts';
import { symmetricEigen } from '@lensfield/kernels';
import { tf } from '@lensfield/tensors';
import { correlationOf, momentsInFloat64 } from './feature-correlation.ts';

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
  const correlation = correlationOf(rows, mean, sd.map(inverseOf));
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

/** A feature that does not vary is dropped. */
const inverseOf = (sd: number): number => (sd > 1e-20 ? 1 / sd : 0);
