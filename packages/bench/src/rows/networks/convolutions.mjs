import { tf } from '@lensfield/tensors';
import { convolve, dense } from './layers.mjs';
import { networkRow, normalTensor } from './network-row.mjs';
import { createWeights } from './weights.mjs';

const SETTINGS = { batch: 32, size: 64, channels: [5, 32, 64, 128], hidden: 128, outputs: 6 };

/** Strided 3 x 3 convolutions with relu, then two dense layers. */
export function convolutions({ batch, size, channels, hidden, outputs }) {
  const stages = channels.slice(1);
  const weights = createWeights();
  stages.forEach((width, i) => {
    weights.convolution(`stage${i}`, 3, channels[i], width);
  });
  const features = channels.at(-1) * (size / 2 ** stages.length) ** 2;
  weights.dense('hidden', features, hidden);
  weights.dense('head', hidden, outputs);
  const images = normalTensor(1, [batch, size, size, channels[0]]);
  return {
    parameters: weights.tree,
    target: normalTensor(2, [batch, outputs]),
    forward(w) {
      const last = stages.reduce((x, _, i) => tf.relu(convolve(w, `stage${i}`, x, 2)), images);
      return dense(w, 'head', tf.relu(dense(w, 'hidden', tf.reshape(last, [batch, features]))));
    },
  };
}

export const convolutionsRow = networkRow({
  name: 'convolutions',
  build: () => convolutions(SETTINGS),
  bars: { atMost: 1.3, goal: 0.9 },
  script: 'convolutions.py',
  settings: SETTINGS,
});
