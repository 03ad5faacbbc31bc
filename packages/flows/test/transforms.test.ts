import { initTensors, tf } from '@lensfield/tensors';
import { largestDifference } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import type { Transform } from '../src/index.ts';
import { transformKind } from '../src/transforms/transform.ts';
import { normalArray } from './_fixtures.ts';

await initTensors();

const transforms: readonly [string, Transform][] = [
  ['affine', { kind: 'affine', maxLogScale: 3 }],
  ['spline', { kind: 'spline', numBins: 6, bound: 4 }],
  ['smooth', { kind: 'smooth', numSigmoids: 5, maxLogSlope: 4 }],
];

const ROWS = 20;

describe.each(transforms)('%s', (_, transform) => {
  const kind = transformKind(transform);
  const outputs = kind.outputs(transform);
  const widths = outputs.map(({ length }) => length);
  const numbers = normalArray(3, [ROWS, widths.reduce((sum, width) => sum + width, 0)]);
  /** The outputs of one coordinate as slices of one tensor. */
  const rawOf = (all: tf.Tensor) => (name: string) => {
    const at = outputs.findIndex((output) => output.name === name);
    const start = widths.slice(0, at).reduce((sum, width) => sum + width, 0);
    return tf.slice(all as tf.Tensor2D, [0, start], [ROWS, widths[at]!]);
  };
  const tensor = ({ data }: { data: Float32Array }) => tf.tensor2d(data, [ROWS, data.length / ROWS]);
  const forward = (all: tf.Tensor, x: tf.Tensor) => kind.forward(transform, rawOf(all), x as tf.Tensor2D);
  const inverse = (all: tf.Tensor, y: tf.Tensor) => kind.inverse(transform, rawOf(all), y as tf.Tensor2D);
  const y = normalArray(4, [ROWS, 1]);

  test('numbers of zero give the identity', () => {
    const zeros = tf.zeros([ROWS, numbers.shape[1]!]);
    const { y: same, logSlope } = forward(zeros, tensor(y));
    expect(largestDifference(same.dataSync(), y.data)).toBeLessThan(2e-6);
    expect(largestDifference(logSlope.dataSync(), new Float32Array(ROWS))).toBeLessThan(2e-6);
  });

  test('goes back and forth, out to where float32 ends', () => {
    for (const scale of [1, 3, 30]) {
      const points = { data: y.data.map((value) => scale * value) };
      const back = forward(tensor(numbers), inverse(tensor(numbers), tensor(points))).y.dataSync();
      // A few ulp of the largest of 30 * 3; slopes of up to 20 multiply the rounding of the point between.
      expect(largestDifference(back, points.data)).toBeLessThan(1e-5 * scale);
    }
  });

  test('the logarithm of the slope is that of the derivative', () => {
    const slope = tf.grad((x: tf.Tensor) => tf.sum(forward(tensor(numbers), x).y))(tensor(y));
    const { logSlope } = forward(tensor(numbers), tensor(y));
    expect(largestDifference(logSlope.dataSync(), tf.log(slope).dataSync())).toBeLessThan(2e-5);
  });

  test.skipIf(transform.kind === 'affine')('the inverse has the derivatives of the inverse function', () => {
    // With x = inverse(y): dx/dy = 1 / f'(x), d2x/dy2 = -f''(x) / f'(x)^3, dx/dp = -(df/dp) / f'(x).
    const all = tensor(numbers);
    const x = inverse(all, tensor(y));
    const slopeAt = (at: tf.Tensor) => tf.exp(forward(all, at).logSlope);
    const slope = slopeAt(x);
    const bend = tf.grad((at: tf.Tensor) => tf.sum(slopeAt(at)))(x);
    const first = (at: tf.Tensor) => tf.grad((moved: tf.Tensor) => tf.sum(inverse(all, moved)))(at);
    const second = tf.grad((at: tf.Tensor) => tf.sum(first(at)))(tensor(y));
    const inNumbers = tf.grad((p: tf.Tensor) => tf.sum(inverse(p, tensor(y))))(all);
    const ofForward = tf.grad((p: tf.Tensor) => tf.sum(forward(p, x).y))(all);
    const close = (a: tf.Tensor, b: tf.Tensor) => {
      const [values, expected] = [a.dataSync(), b.dataSync()];
      values.forEach((value, i) => {
        // float32: the second derivative loses three digits to the cube of the slope.
        expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-3 * (1 + Math.abs(expected[i]!)));
      });
    };
    close(first(tensor(y)), tf.reciprocal(slope));
    close(second, tf.neg(tf.div(bend, tf.mul(slope, tf.square(slope)))));
    close(inNumbers, tf.neg(tf.div(ofForward, slope)));
  });
});

test('a spline is the identity outside of its interval', () => {
  const transform = { kind: 'spline', numBins: 6, bound: 2 } as const;
  const raw = (name: string) =>
    tf.tensor2d(normalArray(name.length, [4, name === 'slopes' ? 5 : 6]).data, [
      4,
      name === 'slopes' ? 5 : 6,
    ]);
  const { forward, inverse } = transformKind(transform);
  const points = tf.tensor2d([-50, -2.5, 2.5, 1000], [4, 1]);
  const moved = forward(transform, raw, points);
  // The ends are sums of the bins: one ulp of 2.
  expect(largestDifference(moved.y.dataSync(), points.dataSync())).toBeLessThan(1e-6);
  expect(largestDifference(moved.logSlope.dataSync(), [0, 0, 0, 0])).toBeLessThan(1e-6);
  expect(largestDifference(inverse(transform, raw, points).dataSync(), points.dataSync())).toBeLessThan(1e-6);
});

test('the tails of a smooth transform have slopes of at least a half', () => {
  const transform = { kind: 'smooth', numSigmoids: 5, maxLogSlope: 4 } as const;
  const raw = (name: string) =>
    tf.tensor2d(normalArray(name.length, [2, name === 'logits' ? 6 : 5]).data, [
      2,
      name === 'logits' ? 6 : 5,
    ]);
  const { forward } = transformKind(transform);
  const slopes = tf.exp(forward(transform, raw, tf.tensor2d([-500, 500], [2, 1])).logSlope).dataSync();
  for (const slope of slopes) {
    expect(slope).toBeGreaterThanOrEqual(0.5);
    expect(slope).toBeLessThan(1.001);
  }
});
