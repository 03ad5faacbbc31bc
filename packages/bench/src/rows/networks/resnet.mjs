import { tf } from '@lensfield/tensors';
import { batchNorm, convolve, dense } from './layers.mjs';
import { networkRow, normalTensor } from './network-row.mjs';
import { createWeights } from './weights.mjs';

const [BINS, WIDTH, OUTPUTS] = [5, 64, 6];

/** The basic blocks of ResNet-18 (He et al. 2016, arXiv 1512.03385, table 1), of `width` channels in the first stage, there 64. */
const blocksOf = (width) =>
  [width, 2 * width, 4 * width, 8 * width].flatMap((outputs, stage) =>
    [0, 1].map((second) => ({
      name: `stage${stage}/block${second}`,
      inputs: second || stage === 0 ? outputs : outputs / 2,
      outputs,
      stride: second || stage === 0 ? 1 : 2,
    })),
  );

function declare(blocks, stem) {
  const weights = createWeights();
  const convolution = (name, size, inputs, outputs) => {
    weights.convolution(name, size, inputs, outputs, { bias: false });
    weights.norm(name, outputs);
  };
  convolution('stem', 7, BINS, stem);
  for (const { name, inputs, outputs } of blocks) {
    convolution(`${name}/first`, 3, inputs, outputs);
    convolution(`${name}/second`, 3, outputs, outputs);
    if (inputs !== outputs) convolution(`${name}/skip`, 1, inputs, outputs);
  }
  weights.dense('head', blocks.at(-1).outputs, OUTPUTS);
  return weights.tree;
}

const convolveNormed = (w, name, x, stride) => batchNorm(w, name, convolve(w, name, x, stride));

function block(w, { name, inputs, outputs, stride }, x) {
  const inner = tf.relu(convolveNormed(w, `${name}/first`, x, stride));
  const skip = inputs === outputs ? x : convolveNormed(w, `${name}/skip`, x, stride);
  return tf.relu(tf.add(convolveNormed(w, `${name}/second`, inner, 1), skip));
}

/** ResNet-18 with the moments of the batch in its norms. */
export function resnet18({ size, batch, width = WIDTH }) {
  const images = normalTensor(1, [batch, size, size, BINS]);
  const blocks = blocksOf(width);
  return {
    parameters: declare(blocks, width),
    target: normalTensor(2, [batch, OUTPUTS]),
    forward(w) {
      const stem = tf.relu(convolveNormed(w, 'stem', images, 2));
      const last = blocks.reduce((x, each) => block(w, each, x), tf.maxPool(stem, 3, 2, 'same'));
      return dense(w, 'head', tf.mean(last, [1, 2]));
    },
  };
}

function resnetRow(size, batch) {
  return networkRow({
    name: `resnet18-${size}`,
    build: () => resnet18({ size, batch }),
    bars: { atMost: 1.4, goal: 1 },
    script: 'resnet.py',
    settings: { size, batch, channels: BINS, outputs: OUTPUTS },
  });
}

export const resnetRows = [resnetRow(64, 32), resnetRow(256, 4)];
