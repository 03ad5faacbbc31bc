import { tf } from '@lensfield/tensors';
import { convolve, dense, groupNorm, upsampleTwice } from './layers.mjs';
import { networkRow, normalTensor } from './network-row.mjs';
import { createWeights } from './weights.mjs';

const SETTINGS = {
  batch: 16,
  size: 64,
  widths: [32, 64, 128],
  blocks: 2,
  groups: 8,
  inputs: 70,
  embedding: 128,
};

/** Residual blocks of a velocity network: names, widths and where they stand. */
function architecture({ widths, blocks }) {
  let width = widths[0];
  const level = (prefix, k, skip) => {
    const list = Array.from({ length: blocks }, (_, b) => ({
      name: `${prefix}${k}/block${b}`,
      inputs: b === 0 ? width + skip : widths[k],
      outputs: widths[k],
    }));
    width = widths[k];
    return list;
  };
  const down = widths.map((_, k) => level('down', k, 0));
  const middle = { name: 'middle', inputs: width, outputs: width };
  const up = widths.map((_, i) => level('up', widths.length - 1 - i, widths[widths.length - 1 - i]));
  return { down, middle, up };
}

function declare({ widths, embedding, inputs }, { down, middle, up }) {
  const weights = createWeights();
  weights.dense('embedding0', inputs, embedding);
  weights.dense('embedding1', embedding, embedding);
  weights.convolution('entrance', 3, 1, widths[0]);
  for (const block of [...down.flat(), middle, ...up.flat()]) {
    weights.norm(`${block.name}/first`, block.inputs);
    weights.convolution(`${block.name}/first`, 3, block.inputs, block.outputs);
    weights.dense(`${block.name}/embedding`, embedding, block.outputs);
    weights.norm(`${block.name}/second`, block.outputs);
    weights.convolution(`${block.name}/second`, 3, block.outputs, block.outputs);
    if (block.inputs !== block.outputs)
      weights.convolution(`${block.name}/skip`, 1, block.inputs, block.outputs);
  }
  widths.slice(0, -1).forEach((width, k) => {
    weights.convolution(`down${k}/stride`, 3, width, width);
  });
  weights.norm('exit', widths[0]);
  weights.convolution('exit', 3, widths[0], 1);
  return weights.tree;
}

/** The network's pass, with norms of so many groups. */
function createForward(groups, { down, middle, up }) {
  const activated = (w, name, x) => convolve(w, name, tf.silu(groupNorm(w, name, x, groups)));

  function residual(w, { name, inputs, outputs }, x, embedding) {
    const shift = tf.reshape(dense(w, `${name}/embedding`, embedding), [-1, 1, 1, outputs]);
    const inner = tf.add(activated(w, `${name}/first`, x), shift);
    const skip = inputs === outputs ? x : convolve(w, `${name}/skip`, x);
    return tf.add(activated(w, `${name}/second`, inner), skip);
  }

  return (w, images, conditions) => {
    const embedding = tf.silu(dense(w, 'embedding1', tf.silu(dense(w, 'embedding0', conditions))));
    const through = (blocks, x) => blocks.reduce((y, block) => residual(w, block, y, embedding), x);
    let x = convolve(w, 'entrance', images);
    const skips = down.map((blocks, k) => {
      const skip = through(blocks, x);
      x = k < down.length - 1 ? convolve(w, `down${k}/stride`, skip, 2) : skip;
      return skip;
    });
    x = residual(w, middle, x, embedding);
    up.forEach((blocks, k) => {
      x = through(blocks, tf.concat([k === 0 ? x : upsampleTwice(x), skips.pop()], 3));
    });
    return activated(w, 'exit', x);
  };
}

/** U-Net of a velocity field: group norm, silu, nearest upsampling, an embedding of time and parameters added in each block. */
export function unet(settings) {
  const { batch, size, inputs, groups } = settings;
  const parts = architecture(settings);
  const forward = createForward(groups, parts);
  const images = normalTensor(1, [batch, size, size, 1]);
  // Features of time and parameters, which depend on no weight.
  const conditions = normalTensor(2, [batch, inputs]);
  return {
    parameters: declare(settings, parts),
    target: normalTensor(3, [batch, size, size, 1]),
    forward: (w) => forward(w, images, conditions),
  };
}

export const unetRow = networkRow({
  name: 'unet',
  build: () => unet(SETTINGS),
  bars: { atMost: 1.4, goal: 1 },
  script: 'unet.py',
  settings: SETTINGS,
});
