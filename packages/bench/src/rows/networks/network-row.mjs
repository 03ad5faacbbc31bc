import { keyOf, normal } from '@lensfield/kernels';
import { tf } from '@lensfield/tensors';
import { adamStep } from '../training-step.mjs';
import { meanSquaredError } from './layers.mjs';

/** A fixed tensor of unit normals. */
export function normalTensor(seed, shape) {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(normal(keyOf(seed), size), shape);
}

/**
 * Row of a network of images: its Adam step on a mean squared error, beside PyTorch in both memory formats, of which the
 * faster counts.
 *
 * @param build     Gives { parameters, forward(weights), target }.
 * @param bars      { atMost, goal } of the native backend.
 * @param settings  For the peer's script.
 */
export function networkRow({ name, build, bars, script, settings }) {
  const peer = (memoryFormat) => ({ script, ...settings, memory_format: memoryFormat });
  const formats = ['torch contiguous', 'torch channels_last'];
  return {
    name,
    ours() {
      const { parameters, forward, target } = build();
      return adamStep((weights) => meanSquaredError(forward(weights), target), parameters);
    },
    peers: { [formats[0]]: peer('contiguous_format'), [formats[1]]: peer('channels_last') },
    comparisons: [
      { ours: 'native', peer: formats, ...bars },
      { ours: 'wasm', peer: formats, atMost: 6 },
    ],
  };
}
