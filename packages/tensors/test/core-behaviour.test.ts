import * as core from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, tf } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';

/** What TensorFlow.js's own tests ask of any backend and the op suite does not: scripts/core-tests.mjs runs all of them. */
describe.each(tensorBackends)('TensorFlow.js on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it('multiplies matrices of integers, and of integers and floats', () => {
    tf.tidy(() => {
      const integers = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
      const floats = tf.tensor2d([1, 0, 0.5, 1], [2, 2]);
      expect([...tf.matMul(integers, integers).dataSync()]).toEqual([7, 10, 15, 22]);
      expect([...tf.matMul(integers, floats).dataSync()]).toEqual([2, 2, 5, 4]);
    });
  });

  it('transforms complex numbers there and back', () => {
    tf.tidy(() => {
      const x = core.complex([1, 2, -1, 0.5], [0, 1, 3, -2]);
      const back = core.spectral.ifft(core.spectral.fft(x));
      [1, 2, -1, 0.5].forEach((value, i) => {
        expect(core.real(back).dataSync()[i]!).toBeCloseTo(value, 5);
      });
      [0, 1, 3, -2].forEach((value, i) => {
        expect(core.imag(back).dataSync()[i]!).toBeCloseTo(value, 5);
      });
    });
  });

  it('counts down to a lower end', () => {
    expect(tf.tidy(() => [...tf.range(4, -2).dataSync()])).toEqual([4, 3, 2, 1, 0, -1]);
  });

  it('takes the rest of an axis as the part of size -1, and leaves the sizes as they are', () => {
    const sizes = [1, -1];
    const parts = tf.tidy(() => tf.split(tf.tensor1d([1, 2, 3]), sizes).map((part) => [...part.dataSync()]));
    expect(parts).toEqual([[1], [2, 3]]);
    if (backend !== 'cpu' && backend !== 'tensorflow') expect(sizes).toEqual([1, -1]);
  });

  it.each([
    ['concat of shapes that differ off the axis', () => tf.concat([tf.ones([2, 3]), tf.ones([2, 2])], 0)],
    ['stack of unlike shapes', () => tf.stack([tf.ones([3]), tf.ones([2])])],
    ['split into parts that do not add up', () => tf.split(tf.ones([2, 4]), [1, 2], 1)[0]!],
    ['split into a number of parts that does not divide', () => tf.split(tf.ones([2, 4]), 3, 1)[0]!],
    ['expandDims before the first axis', () => tf.expandDims(tf.ones([3]), -3)],
  ])('refuses %s', (_what, f) => {
    expect(() => tf.tidy(() => f().dataSync())).toThrow();
  });
});
