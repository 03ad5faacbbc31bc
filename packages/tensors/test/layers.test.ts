import { isLensfieldError } from '@lensfield/kernels';
import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, kernelReport, tf } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const irregular = (length: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i * i) + (i % 3));

/** Norms of x [4, 3, 5, 6] by name, as functions of x alone. */
const norms: readonly [string, (x: tf.Tensor) => tf.Tensor][] = [
  ['batchNormalise', (x) => tf.batchNormalise(x).normalised],
  ['groupNormalise', (x) => tf.groupNormalise(x, 3)],
  ['layerNormalise', (x) => tf.layerNormalise(x)],
];

describe.each(tensorBackends)('layers on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it('batchNormalise gives the moments of the batch, as constants', () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor2d([1, 10, 2, 10, 6, 10], [3, 2]);
    const { normalised, mean, variance } = tf.batchNormalise(x);
    expect(mean.arraySync()).toEqual([3, 10]);
    expect([...variance.dataSync()].map((value) => value.toFixed(6))).toEqual(['4.666667', '0.000000']);
    expect(tf.memory().numTensors).toBe(before + 4);
    tf.dispose([x, normalised, mean, variance]);
    const slope = tf.tidy(() =>
      tf
        .grad((y) => tf.add(tf.sum(y), tf.sum(tf.batchNormalise(y).mean)))(tf.ones([2, 2]))
        .dataSync(),
    );
    expect([...slope]).toEqual([1, 1, 1, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('batchNormaliseBy its own moments is batchNormalise', () => {
    tf.tidy(() => {
      const x = tf.tensor2d(irregular(40), [10, 4]);
      const options = { scale: tf.tensor1d([1, 2, 3, 4]), offset: tf.tensor1d([4, 3, 2, 1]) };
      const { normalised, ...moments } = tf.batchNormalise(x, options);
      const again = tf.batchNormaliseBy(x, moments, options);
      // Two roundings of numbers below 10.
      expect(tf.max(tf.abs(tf.sub(normalised, again))).dataSync()[0]).toBeLessThan(3e-6);
    });
  });

  it.each(norms)('%s of a constant is zero, and its gradient finite', (_name, apply) => {
    tf.tidy(() => {
      const x = tf.fill([4, 3, 5, 6], 0.1);
      // The mean of equal numbers is off by a rounding at most, over sqrt(epsilon).
      expect(tf.max(tf.abs(apply(x))).dataSync()[0]).toBeLessThan(1e-5);
      const weights = tf.tensor(irregular(360), [4, 3, 5, 6]);
      const slope = tf.grad((y) => tf.sum(tf.mul(weights, apply(y))))(x);
      expect(slope.dataSync().every(Number.isFinite)).toBe(true);
    });
  });

  it.each(norms)('%s tells of a NaN and of an infinity, in gradients too', (_name, apply) => {
    tf.tidy(() => {
      for (const special of [nan, inf]) {
        const values = irregular(360);
        values[100] = special;
        const x = tf.tensor(values, [4, 3, 5, 6]);
        const isSpoilt = [...apply(x).dataSync()].map(Number.isNaN);
        expect(isSpoilt[100]).toBe(true);
        expect(isSpoilt[101 + 6 * 20]).toBe(false);
        const slope = tf
          .grad((y) => tf.sum(tf.square(apply(y))))(x)
          .dataSync();
        expect([...slope].map(Number.isNaN)).toEqual(isSpoilt);
      }
    });
  });

  it('norms of nothing are nothing', () => {
    tf.tidy(() => {
      const none = tf.zeros([0, 3, 4]);
      for (const [, apply] of norms.slice(1))
        expect(tf.grad((x) => tf.sum(apply(x)))(tf.zeros([0, 3, 6])).shape).toEqual([0, 3, 6]);
      const { normalised, mean } = tf.batchNormalise(none);
      expect(normalised.shape).toEqual([0, 3, 4]);
      expect([...mean.dataSync()]).toEqual([nan, nan, nan, nan]);
      const [, dscale] = tf.grads((x, scale) => tf.sum(tf.batchNormalise(x, { scale }).normalised))([
        none,
        tf.ones([4]),
      ]);
      expect([...dscale!.dataSync()]).toEqual([0, 0, 0, 0]);
    });
  });

  it('norms refuse shapes that do not fit', () => {
    const x = tf.zeros([2, 3, 6]);
    const refusals: [() => unknown, string][] = [
      [
        () => tf.groupNormalise(x, 4),
        'tensors.groupNormalise: groups must divide the channels of x [batch, ..., channels]; got 4 for shape [2,3,6].',
      ],
      [
        () => tf.layerNormalise(x, { scale: tf.ones([3]) }),
        'tensors.layerNormalise: scale must have shape [6], as the last axis of x; got [3].',
      ],
      [
        () => tf.batchNormalise(tf.cast(x, 'int32')),
        'tensors.batchNormalise: x must be float32 with at least one axis; got int32 of shape [2,3,6].',
      ],
      [
        () => tf.batchNormalise(x, { epsilon: -1 }),
        'tensors.batchNormalise: epsilon must be at least 0; got -1.',
      ],
    ];
    for (const [call, message] of refusals) {
      let error: unknown;
      try {
        tf.tidy(() => {
          call();
        });
      } catch (caught) {
        error = caught;
      }
      expect(isLensfieldError(error, 'INVALID_ARGUMENT')).toBe(true);
      expect((error as Error).message).toBe(message);
    }
    x.dispose();
  });

  it('argsort gives places, ties in order and NaN last; sort follows', () => {
    tf.tidy(() => {
      const x = tf.tensor2d([3, nan, 1, 1, -inf, 0, -0, 0, inf, 2], [2, 5]);
      expect(tf.argsort(x).dtype).toBe('int32');
      expect(tf.argsort(x).arraySync()).toEqual([
        [4, 2, 3, 0, 1],
        [0, 1, 2, 4, 3],
      ]);
      expect(tf.argsort(x, { descending: true }).arraySync()).toEqual([
        [1, 0, 2, 3, 4],
        [3, 4, 0, 1, 2],
      ]);
      expect(tf.sort(x).arraySync()).toEqual([
        [-inf, 1, 1, 3, nan],
        [0, -0, 0, 2, inf],
      ]);
      expect(tf.sort(tf.zeros([3, 0])).shape).toEqual([3, 0]);
      expect(tf.argsort(tf.scalar(7)).arraySync()).toBe(0);
      const slope = tf.grad((y) => tf.sum(tf.mul(y, tf.cast(tf.argsort(y), 'float32'))))(
        tf.tensor1d([3, 1, 2]),
      );
      expect([...slope.dataSync()]).toEqual([1, 2, 0]);
      expect(() => tf.sort(tf.cast(x, 'int32'))).toThrow('tensors.sort: x must be float32; got int32.');
    });
  });

  it('resizing keeps an infinity to the pixels that read it, and takes 3-D, empty and integer maps', () => {
    tf.tidy(() => {
      const x = tf.tensor3d([1, inf, 3, nan], [1, 4, 1]);
      expect(tf.image.resizeBilinear(x, [2, 4]).arraySync()).toEqual([
        [[1], [inf], [3], [nan]],
        [[1], [inf], [3], [nan]],
      ]);
      expect(tf.image.resizeNearestNeighbor(x, [1, 2]).arraySync()).toEqual([[[1], [3]]]);
      const empty = tf.zeros([0, 2, 2, 3]) as tf.Tensor4D;
      expect(tf.image.resizeBilinear(empty, [4, 4]).shape).toEqual([0, 4, 4, 3]);
      expect(tf.image.resizeNearestNeighbor(empty, [4, 4]).shape).toEqual([0, 4, 4, 3]);
      const integers = tf.tensor3d([1, 2], [1, 2, 1], 'int32');
      expect(tf.image.resizeNearestNeighbor(integers, [1, 4]).arraySync()).toEqual([[[1], [1], [2], [2]]]);
    });
  });

  it('running sums of nothing, and past an infinity', () => {
    tf.tidy(() => {
      expect(tf.cumsum(tf.zeros([2, 0]), 1).shape).toEqual([2, 0]);
      expect(tf.cumsum(tf.tensor1d([1, inf, 2, -inf, 1])).arraySync()).toEqual([1, inf, inf, nan, nan]);
      expect(tf.cumsum(tf.tensor1d([1, 2, 3]), 0, true, true).arraySync()).toEqual([5, 3, 0]);
    });
  });

  it('and their gradients run on kernels of ours', () => {
    kernelReport({ reset: true });
    tf.tidy(() => {
      const x = tf.tensor4d(irregular(2 * 4 * 4 * 6), [2, 4, 4, 6]);
      const filter = tf.tensor4d(irregular(3 * 3 * 6 * 6), [3, 3, 6, 6]);
      const loss = (y: tf.Tensor) => {
        const all = norms.map(([, apply]) => tf.square(apply(y))) as tf.Tensor4D[];
        const wide = tf.image.resizeBilinear(all[0]!, [8, 8]);
        const tall = tf.image.resizeNearestNeighbor(all[1]!, [8, 8]);
        const up = tf.conv2dTranspose(all[2]!, filter, [2, 8, 8, 6], 2, 'same');
        const sorted = tf.sort(tf.cumsum(tf.silu(tf.leakyRelu(up, 0.1)), 3));
        return tf.logSumExp(tf.addN([wide, tall, sorted, tf.softmax(up)])) as tf.Scalar;
      };
      const slope = tf.grad(loss);
      expect(slope(x).dataSync().every(Number.isFinite)).toBe(true);
      tf.grad((y) => tf.sum(tf.square(slope(y))))(x).dataSync();
    });
    // TensorFlow borrows these of ours.
    if (backend !== 'tensorflow') expect(kernelReport().fallbacks).toEqual({});
  });
});
