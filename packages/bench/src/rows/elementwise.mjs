import { keyOf, normal } from '@lensfield/kernels';
import { tf } from '@lensfield/tensors';
import { gradientStep } from './training-step.mjs';

const SHAPE = [5, 60, 60];

/** Twelve cheap operations, four tanh, four exp. */
function chain(x) {
  let y = x;
  for (let i = 0; i < 4; i++) {
    y = tf.tanh(tf.mul(y, 0.9));
    y = tf.exp(tf.sub(y, 0.5));
    y = tf.add(y, x);
  }
  return y;
}

export const elementwiseRow = {
  name: 'elementwise-20',
  ours() {
    const x = {
      shape: SHAPE,
      data: normal(
        keyOf(1),
        SHAPE.reduce((a, b) => a * b),
      ),
    };
    return gradientStep((parameters) => tf.sum(chain(parameters.x)), { x });
  },
  peers: { torch: { script: 'elementwise.py', shape: SHAPE } },
  comparisons: [
    { ours: 'native', peer: 'torch', atMost: 0.5 },
    { ours: 'wasm', peer: 'torch' },
  ],
};
