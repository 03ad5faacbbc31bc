import { tf } from '@lensfield/tensors';

/** Channels last, zero padding that keeps the size up to the stride; with a bias where the weights hold one. */
export function convolve(weights, name, x, stride = 1) {
  const y = tf.conv2d(x, weights[`${name}/kernel`], stride, 'same');
  const bias = weights[`${name}/bias`];
  return bias === undefined ? y : tf.add(y, bias);
}

export function dense(weights, name, x) {
  return tf.add(tf.matMul(x, weights[`${name}/weights`]), weights[`${name}/bias`]);
}

const channelwise = (weights, name) => ({
  scale: weights[`${name}/scale`],
  offset: weights[`${name}/offset`],
});

/** Over batch and pixels, with the moments of the batch (running means of inference are not kept). */
export function batchNorm(weights, name, x) {
  return tf.batchNormalise(x, channelwise(weights, name)).normalised;
}

/** Over the pixels and channels of each group of channels. */
export function groupNorm(weights, name, x, groups) {
  return tf.groupNormalise(x, groups, channelwise(weights, name));
}

/** Each pixel four times. */
export function upsampleTwice(x) {
  const [, rows, columns] = x.shape;
  return tf.image.resizeNearestNeighbor(x, [2 * rows, 2 * columns]);
}

export const meanSquaredError = (a, b) => tf.mean(tf.squaredDifference(a, b));
