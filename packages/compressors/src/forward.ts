import { type TensorTree, tf } from '@lensfield/tensors';
import type { Activation, ConvolutionalNetwork } from './convolutional-network.ts';

/** Slope of the leaky activation below zero. */
const LEAK = 0.1;

function activate<T extends tf.Tensor>(x: T, activation: Activation): T {
  if (activation === 'relu') return tf.relu(x);
  return activation === 'silu' ? tf.silu(x) : tf.leakyRelu(x, LEAK);
}

function convolve(x: tf.Tensor4D, kernel: tf.Tensor, bias: tf.Tensor, stride: number): tf.Tensor4D {
  return tf.add(tf.conv2d(x, kernel as tf.Tensor4D, stride, 'same'), bias);
}

/** The strided convolution of stage `i`, before its activation. */
export function convolution(
  network: ConvolutionalNetwork,
  weights: TensorTree,
  stage: number,
  x: tf.Tensor4D,
): tf.Tensor4D {
  return convolve(x, weights[`conv${stage}/kernel`], weights[`conv${stage}/bias`], network.stride);
}

/** Activation and residual blocks of stage `i`, after its strided convolution. */
export function afterConvolution(
  network: ConvolutionalNetwork,
  weights: TensorTree,
  stage: number,
  x: tf.Tensor4D,
): tf.Tensor4D {
  let y = activate(x, network.activation);
  for (let block = 0; block < network.residualBlocks; block++) {
    const get = (name: string) => weights[`conv${stage}/block${block}/${name}`];
    const inner = activate(convolve(y, get('first'), get('firstBias'), 1), network.activation);
    y = activate(tf.add(y, convolve(inner, get('second'), get('secondBias'), 1)), network.activation);
  }
  return y;
}

/** Average pooling in front of the network, with the sd of white noise kept at one. */
export function pooledInput(network: ConvolutionalNetwork, images: tf.Tensor4D): tf.Tensor4D {
  const { firstPooling } = network;
  if (firstPooling === 1) return images;
  return tf.mul(tf.avgPool(images, firstPooling, firstPooling, 'valid'), firstPooling);
}

/**
 * Global means (and mean squares) of the last feature map, shape [n, numPooled]; undefined for a network without
 * convolutions.
 *
 * @param images  Maps in units of the noise sd, shape [n, mapSize, mapSize, numBins].
 */
export function pooledFeatures(
  network: ConvolutionalNetwork,
  weights: TensorTree,
  images: tf.Tensor4D,
): tf.Tensor2D | undefined {
  if (network.channels.length === 0) return undefined;
  let x = pooledInput(network, images);
  for (let stage = 0; stage < network.channels.length; stage++) {
    x = afterConvolution(network, weights, stage, convolution(network, weights, stage, x));
  }
  const mean: tf.Tensor2D = tf.mean(x, [1, 2]);
  if (network.pooling === 'mean') return mean;
  return tf.concat([mean, tf.mean(tf.mul(x, x), [1, 2]) as tf.Tensor2D], 1);
}

/**
 * Factor of the linear path's weights. Adam moves each weight by the learning rate, and a summary adds the moves of hundreds
 * of unit-variance features: without the factor they would shake it by more than the width of a good posterior.
 */
export const LINEAR_GAIN = 0.1;

/** Dense layers, with a linear path beside them, from standardised features [n, numPooled + numFeatures]. */
export function summaryOf(
  network: ConvolutionalNetwork,
  weights: TensorTree,
  features: tf.Tensor2D,
): tf.Tensor2D {
  let summary: tf.Tensor2D = tf.add(
    tf.matMul(features, tf.mul(weights['summary/linear'], LINEAR_GAIN) as tf.Tensor2D),
    weights['summary/bias'],
  );
  if (network.hiddenUnits.length === 0) return summary;
  let hidden = features;
  network.hiddenUnits.forEach((_, i) => {
    const linear: tf.Tensor2D = tf.matMul(hidden, weights[`dense${i}/weights`] as tf.Tensor2D);
    hidden = activate(tf.add(linear, weights[`dense${i}/bias`]), network.activation);
  });
  summary = tf.add(summary, tf.matMul(hidden, weights['summary/weights'] as tf.Tensor2D));
  return summary;
}
