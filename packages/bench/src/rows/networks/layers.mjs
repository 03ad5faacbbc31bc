import { tf } from '@lensfield/tensors';

const EPSILON = 1e-5;

/** Channels last, zero padding that keeps the size up to the stride; with a bias where the weights hold one. */
export function convolve(weights, name, x, stride = 1) {
  const y = tf.conv2d(x, weights[`${name}/kernel`], stride, 'same');
  const bias = weights[`${name}/bias`];
  return bias === undefined ? y : tf.add(y, bias);
}

export function dense(weights, name, x) {
  return tf.add(tf.matMul(x, weights[`${name}/weights`]), weights[`${name}/bias`]);
}

/** Means over axes one at a time, which need no transposed copy. */
const means = (x, axes) => axes.reduce((mean, axis) => tf.mean(mean, axis, true), x);

function normalised(x, axes) {
  const centred = tf.sub(x, means(x, axes));
  const variance = means(tf.square(centred), axes);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
}

const scaled = (weights, name, x) => tf.add(tf.mul(x, weights[`${name}/scale`]), weights[`${name}/offset`]);

/** Over batch and pixels, with the moments of the batch (running means of inference are not kept). */
export function batchNorm(weights, name, x) {
  const pixels = tf.reshape(x, [-1, x.shape[3]]);
  return scaled(weights, name, tf.reshape(normalised(pixels, [0]), x.shape));
}

/** Over the pixels and channels of each group of channels. */
export function groupNorm(weights, name, x, groups) {
  const [n, rows, columns, channels] = x.shape;
  const grouped = tf.reshape(x, [n, rows * columns, groups, channels / groups]);
  return scaled(weights, name, tf.reshape(normalised(grouped, [1, 3]), x.shape));
}

/** Each pixel four times, by copies side by side: [.., columns, 2 c] read as [.., 2 columns, c]; the same of rows. */
export function upsampleTwice(x) {
  const [n, rows, columns, channels] = x.shape;
  const wide = tf.reshape(tf.concat([x, x], 3), [n, rows, 2 * columns * channels]);
  return tf.reshape(tf.concat([wide, wide], 2), [n, 2 * rows, 2 * columns, channels]);
}

export const meanSquaredError = (a, b) => tf.mean(tf.squaredDifference(a, b));
