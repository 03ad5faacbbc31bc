import { adam, clipByGlobalNorm, initTensors, tf, valueAndGradients } from '@lensfield/tensors';

await initTensors();
const x = Float32Array.from({ length: 64 }, (_, i) => -2 + i / 16);
const y = x.map((value) => Math.sin(2 * value));
const random = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1)));

// A network of one hidden layer fitted to sin(2 x) by 2000 steps of Adam.
const optimizer = adam({ learningRate: 0.01 });
let state = optimizer.init({
  w1: { shape: [1, 16], data: random(16) },
  b1: { shape: [16], data: random(16) },
  w2: { shape: [16, 1], data: random(16) },
});
for (let step = 0; step < 2000; step++) {
  const { value, gradients } = valueAndGradients((p) => {
    const hidden = tf.tanh(tf.add(tf.matMul(tf.tensor2d(x, [64, 1]), p.w1), p.b1));
    return tf.mean(tf.squaredDifference(tf.matMul(hidden, p.w2), tf.tensor2d(y, [64, 1])));
  }, state.parameters);
  clipByGlobalNorm(gradients, 1);
  state = optimizer.step(state, gradients);
  if (step % 500 === 499) console.log(`step ${step + 1}: mean squared error ${value.toExponential(1)}`);
}
