import type { ParameterTree } from '@lensfield/tensors';
import { arrayOf, tensorsOf, tf } from '@lensfield/tensors';
import type { ConvolutionalNetwork } from './convolutional-network.ts';
import { afterConvolution, convolution, pooledInput } from './forward.ts';

/**
 * Rescales each strided convolution, one after the other, so that every channel has mean 0 and sd 1 before its activation
 * over the given maps: signal and noise then pass through the depth of the network without growing or fading.
 *
 * Source: Mishkin & Matas (2015), arXiv 1511.06422, algorithm 1, per channel and without orthogonal kernels.
 *
 * @param images  Maps in units of the noise sd, shape [n, mapSize, mapSize, numBins].
 */
export function initialiseByData(
  network: ConvolutionalNetwork,
  weights: ParameterTree,
  images: tf.Tensor4D,
): ParameterTree {
  const result = { ...weights };
  tf.tidy(() => {
    let x = pooledInput(network, images);
    for (let stage = 0; stage < network.channels.length; stage++) {
      const before = convolution(network, tensorsOf(result), stage, x);
      const mean = tf.mean(before, [0, 1, 2]);
      const centred = tf.sub(before, mean);
      const sd = arrayOf(tf.sqrt(tf.mean(tf.mul(centred, centred), [0, 1, 2]))).data;
      const shift = arrayOf(mean).data;
      const kernel = result[`conv${stage}/kernel`];
      const scale = sd.map((value) => (value > 0 ? 1 / value : 1));
      result[`conv${stage}/kernel`] = {
        shape: kernel.shape,
        data: kernel.data.map((value, i) => value * scale[i % scale.length]),
      };
      result[`conv${stage}/bias`] = {
        shape: [shift.length],
        data: shift.map((value, i) => -value * scale[i]),
      };
      x = afterConvolution(
        network,
        tensorsOf(result),
        stage,
        convolution(network, tensorsOf(result), stage, x),
      );
    }
  });
  return result;
}
