import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, kernelReport, tf } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';

const onKernels = tensorBackends.filter((backend) => backend !== 'cpu');

describe.each(onKernels)('backend %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it('hands out values that outlive the tensor', () => {
    const values = tf.tidy(() => tf.mul(tf.tensor1d([1, 2, 3]), 2).dataSync());
    tf.tidy(() => tf.add(tf.tensor1d([9, 9, 9]), 9).dataSync());
    expect([...values]).toEqual([2, 4, 6]);
  });

  it('copies what it is given', () => {
    const source = Float32Array.of(1, 2);
    const x = tf.tensor1d(source);
    source[0] = 7;
    expect([...x.dataSync()]).toEqual([1, 2]);
    x.dispose();
  });

  it('uses the arrays of disposed tensors again', () => {
    const step = () => tf.tidy(() => tf.sum(tf.exp(tf.zeros([1234, 10]))).dataSync()[0]);
    step();
    const { bytes } = kernelReport();
    for (let i = 0; i < 20; i++) step();
    expect(kernelReport().bytes).toBe(bytes);
  });

  it('keeps shared data until the last view is gone', () => {
    const x = tf.tensor1d([1, 2, 3, 4]);
    const view = tf.reshape(x, [2, 2]);
    x.dispose();
    const other = tf.zeros([4]);
    expect(view.arraySync()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    tf.dispose([view, other]);
  });

  it('takes over tensors of another backend', async () => {
    await initTensors({ backend: 'cpu' });
    const x = tf.tensor1d([1, 2, 3]);
    await initTensors({ backend });
    const y = tf.mul(x, 2);
    expect([...y.dataSync()]).toEqual([2, 4, 6]);
    tf.dispose([x, y]);
  });

  // TensorFlow has a sine: test/tensorflow.test.ts counts another.
  it.skipIf(backend === 'tensorflow')('counts what falls back to the CPU kernels', () => {
    kernelReport({ reset: true });
    tf.tidy(() => {
      tf.matMul(tf.ones([3, 4]), tf.ones([4, 2]));
      tf.add(tf.ones([3]), tf.ones([3]));
    });
    expect(kernelReport().fallbacks).toEqual({});
    const sine = tf.tidy(() => tf.sin(tf.tensor1d([0.5])).dataSync()[0]!);
    expect(sine).toBeCloseTo(Math.sin(0.5), 6);
    expect(kernelReport().fallbacks).toEqual({ Sin: 1 });
  });

  it('works on integers, booleans and empty tensors', () => {
    tf.tidy(() => {
      const integers = tf.tensor1d([3, 1, 2], 'int32');
      expect(tf.slice(integers, [1], [2]).arraySync()).toEqual([1, 2]);
      expect(tf.add(integers, tf.scalar(1, 'int32')).arraySync()).toEqual([4, 2, 3]);
      expect(tf.cast(tf.tensor1d([true, false]), 'float32').arraySync()).toEqual([1, 0]);
      expect(tf.concat([integers, integers]).arraySync()).toEqual([3, 1, 2, 3, 1, 2]);
      const none = tf.zeros([0, 3]);
      expect(tf.add(none, none).shape).toEqual([0, 3]);
      expect(tf.sum(none, 0).arraySync()).toEqual([0, 0, 0]);
      expect(tf.matMul(tf.zeros([0, 3]), tf.ones([3, 2])).shape).toEqual([0, 2]);
      expect(tf.concat([none, tf.ones([1, 3])]).arraySync()).toEqual([[1, 1, 1]]);
    });
  });

  it('leaves a disposed tensor disposed', () => {
    const before = tf.memory().numTensors;
    const x = tf.zeros([5]);
    x.dispose();
    x.dispose();
    const [a, b] = [tf.ones([5]), tf.zeros([5])];
    expect([a.arraySync(), b.arraySync()]).toEqual([
      [1, 1, 1, 1, 1],
      [0, 0, 0, 0, 0],
    ]);
    tf.dispose([a, b]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
