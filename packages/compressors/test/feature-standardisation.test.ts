import { initTensors, tf } from '@lensfield/tensors';
import { expect, test } from 'vitest';
import { standardisedByRunning } from '../src/feature-standardisation.ts';

await initTensors();

test('running moments of a feature that has died fall to zero, and those of the others follow the batch', () => {
  let running = { mean: Float32Array.of(0.5, 0.5), sd: Float32Array.of(2, 2) };
  for (let step = 0; step < 1000; step++) {
    tf.tidy(() => {
      // Feature 0 is always 0; feature 1 is 2 -+ 1.
      const features = tf.tensor2d([0, 1, 0, 3], [2, 2]);
      const before = { mean: tf.tensor1d(running.mean), sd: tf.tensor1d(running.sd) };
      const { moments } = standardisedByRunning(features, before);
      running = {
        mean: Float32Array.from(moments.mean.dataSync()),
        sd: Float32Array.from(moments.sd.dataSync()),
      };
    });
    // Nothing that processors are slow with, times any weight of the network above 1e-8.
    for (const value of [...running.mean, ...running.sd]) expect(value === 0 || value >= 1e-30).toBe(true);
  }
  expect([running.mean[0], running.sd[0]]).toEqual([0, 0]);
  // 0.9^1000 of the start is nothing; ten roundings of 6e-8 remain.
  expect(running.mean[1]).toBeCloseTo(2, 5);
  expect(running.sd[1]).toBeCloseTo(1, 5);
});
