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
 * Weight of the past in the running moments: short enough to follow the kernels as they change, long enough that moments rest
 * on 19 batches.
 */
const DECAY = 0.9;

/**
 * Running moments below it are zero: those of a feature that has died fall by a tenth a step into numbers so small that processors are
 * slow with them, in every product that the feature enters.
 */
const SMALLEST_MOMENT = 1e-30;

/** The same as tensors of shape [width]. */
export interface MomentTensors {
  readonly mean: tf.Tensor;
  readonly sd: tf.Tensor;
}

/** Features in training, and the running moments after this batch. */
export interface RunningStandardisation {
  readonly features: tf.Tensor2D;
  readonly moments: MomentTensors;
}

/**
 * Features [n, width] less their running mean, over their running sd: what training uses. The value does not depend on
 * what else is in the batch, since moments over a batch of n would add 1 / n of the prior's variance to what the summaries
 * leave open. The gradient is that through the batch's own moments, because a change of a kernel moves every pooled mean by
 * many times its spread from map to map.
 *
 * Source: Ioffe (2017), arXiv 1702.03275, algorithm 1, without its limits on r and d.
 *
 * @param running  Moments before this batch; the result has those after it, an exponential average.
 */
export function standardisedByRunning(features: tf.Tensor2D, running: MomentTensors): RunningStandardisation {
  const mean = tf.mean(features, 0);
  const centred: tf.Tensor2D = tf.sub(features, mean);
  const variance = tf.mean(tf.mul(centred, centred), 0);
  const byBatch = tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
  const own = { mean: tf.stopGradient(mean), sd: tf.sqrt(tf.stopGradient(variance)) };
  const spread = regularisedTensor(running.sd);
  const ratio = tf.div(regularisedTensor(own.sd), spread);
  const offset = tf.div(tf.sub(own.mean, running.mean), spread);
  return {
    features: tf.add(tf.mul(byBatch, ratio), offset),
    moments: { mean: blended(running.mean, own.mean), sd: blended(running.sd, own.sd) },
  };
}

/** The exponential average with one more batch. */
function blended(past: tf.Tensor, present: tf.Tensor): tf.Tensor {
  const average = tf.add(tf.mul(past, DECAY), tf.mul(present, 1 - DECAY));
  return tf.where(tf.less(tf.abs(average), SMALLEST_MOMENT), tf.zerosLike(average), average);
}

const regularised = (sd: number): number => Math.sqrt(sd * sd + EPSILON);
const regularisedTensor = (sd: tf.Tensor): tf.Tensor => tf.sqrt(tf.add(tf.mul(sd, sd), EPSILON));

/** Features [n, width] standardised by fixed moments: what a trained compressor uses. */
export function standardisedBy({ mean, sd }: FeatureMoments, features: tf.Tensor2D): tf.Tensor2D {
  const inverse = sd.data.map((value) => 1 / regularised(value));
  return tf.mul(tf.sub(features, tf.tensor1d(mean.data.slice())), tf.tensor1d(inverse));
}

/** The same by moments that are tensors: what validation uses. */
export function standardisedByTensors(features: tf.Tensor2D, { mean, sd }: MomentTensors): tf.Tensor2D {
  return tf.div(tf.sub(features, mean), regularisedTensor(sd));
}

/** Moments of feature rows, float64 inside. */
export function momentsOf(rows: Float32Array, width: number): FeatureMoments {
  const n = rows.length / Math.max(1, width);
  const mean = new Float64Array(width);
  const square = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width] += rows[i] / n;
  for (let i = 0; i < rows.length; i++) square[i % width] += (rows[i] - mean[i % width]) ** 2 / n;
  return {
    mean: { shape: [width], data: Float32Array.from(mean) },
    sd: { shape: [width], data: Float32Array.from(square, Math.sqrt) },
  };
}
