import type { NdArray } from '@lensfield/contracts';
import { tf } from '@lensfield/tensors';

/** Mean and sd of each feature over training maps. */
export interface FeatureMoments {
  readonly mean: NdArray;
  readonly sd: NdArray;
}

/** Added to the variance of a pooled feature: far below what noise alone gives a mean over a thousand pixels. */
const EPSILON = 1e-7;

/**
 * Features [n, width] less their mean over the batch, over their sd over the batch: what training uses, because a change of
 * a kernel moves every pooled mean by many times its spread from map to map. Differentiable through the moments.
 *
 * Source: Ioffe & Szegedy (2015), arXiv 1502.03167, algorithm 1, without scale and shift (a dense layer follows).
 */
export function standardisedByBatch(features: tf.Tensor2D): tf.Tensor2D {
  const centred: tf.Tensor2D = tf.sub(features, tf.mean(features, 0, true));
  const variance = tf.mean(tf.mul(centred, centred), 0, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
}

/** The same with fixed moments: what a trained compressor uses. */
export function standardisedBy({ mean, sd }: FeatureMoments, features: tf.Tensor2D): tf.Tensor2D {
  const inverse = sd.data.map((value) => 1 / Math.sqrt(value * value + EPSILON));
  return tf.mul(tf.sub(features, tf.tensor1d(mean.data.slice())), tf.tensor1d(inverse));
}

/** Running moments of feature rows, in float64. */
export function momentsOf(rows: readonly Float32Array[], width: number): FeatureMoments {
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  let n = 0;
  for (const row of rows) {
    n += row.length / width;
    for (let i = 0; i < row.length; i++) mean[i % width] += row[i];
  }
  for (let j = 0; j < width; j++) mean[j] /= n;
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) square[i % width] += (row[i] - mean[i % width]) ** 2;
  }
  const sd = square.map((value) => Math.sqrt(value / n));
  return {
    mean: { shape: [width], data: Float32Array.from(mean) },
    sd: { shape: [width], data: Float32Array.from(sd) },
  };
}
