import { isLensfieldError } from '@lensfield/kernels';
import * as core from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, tf } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';

function errorOf(f: () => unknown): unknown {
  try {
    tf.tidy(() => {
      f();
    });
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(tensorBackends)('ops without a gradient on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it.each([
    ['prod', (x: tf.Tensor) => core.prod(x)],
    ['asin', (x: tf.Tensor) => core.sum(core.asin(x))],
    ['mod', (x: tf.Tensor) => core.sum(core.mod(x, 2))],
  ])('%s says so', (_name, f) => {
    const error = errorOf(() => tf.grad((x) => f(x) as tf.Scalar)(tf.tensor1d([0.1, 0.2])));
    expect(isLensfieldError(error, 'UNSUPPORTED')).toBe(true);
    expect((error as Error).message).toMatch(/every op on the path must have a gradient; got kernel/);
  });

  it('but are no trouble off the path', () => {
    const slope = tf.tidy(() => {
      const constant = core.prod(tf.tensor1d([2, 3]));
      return tf
        .grad((x) => tf.sum(tf.mul(x, constant)))(tf.tensor1d([1]))
        .dataSync()[0];
    });
    expect(slope).toBe(6);
  });

  it('replace the gradients of TensorFlow.js where those are registered', async () => {
    core.unregisterGradient('Tanh');
    core.registerGradient({
      kernelName: 'Tanh',
      outputsToSave: [true],
      gradFunc: (dy, [y]) => ({ x: () => core.mul(core.sub(1, core.square(y!)), dy as tf.Tensor) }),
    });
    await initTensors({ backend });
    const curvature = tf.tidy(() => {
      const slope = tf.grad((x) => tf.sum(tf.mul(x, tf.tanh(x))));
      return tf
        .grad((x) => tf.sum(slope(x)))(tf.scalar(0.7))
        .dataSync()[0]!;
    });
    const t = Math.tanh(0.7);
    // d2/dx2 of x tanh x.
    expect(curvature).toBeCloseTo(2 * (1 - t * t) - 2 * 0.7 * t * (1 - t * t), 5);
  });
});
