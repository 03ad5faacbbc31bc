import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, tf } from '../src/index.ts';
import { tensorBackends } from './_backends.ts';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

/** Nine values, so that whole vectors and the rest of one are both covered. */
const values = [nan, inf, -inf, 0, -0, 1e38, -1e38, 1e-40, 2];

const unary: readonly [string, (x: tf.Tensor) => tf.Tensor, (x: number) => number][] = [
  ['exp', tf.exp, Math.exp],
  ['log', tf.log, Math.log],
  ['log1p', tf.log1p, Math.log1p],
  ['expm1', tf.expm1, Math.expm1],
  ['sqrt', tf.sqrt, Math.sqrt],
  ['tanh', tf.tanh, Math.tanh],
  ['sigmoid', tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  ['relu', tf.relu, (x) => Math.max(x, 0)],
  ['elu', tf.elu, (x) => (x > 0 ? x : Math.expm1(x))],
  ['abs', tf.abs, Math.abs],
  ['sign', tf.sign, (x) => (x === 0 ? 0 : Math.sign(x))],
  ['floor', tf.floor, Math.floor],
  ['ceil', tf.ceil, Math.ceil],
  ['reciprocal', tf.reciprocal, (x) => 1 / x],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 1), (x) => Math.min(Math.max(x, -1), 1)],
  ['step', tf.step, (x) => (Number.isNaN(x) ? nan : x > 0 ? 1 : 0)],
];

function expectClose(actual: number, expected: number, what: string): void {
  const rounded = Math.fround(expected);
  const isClose =
    Object.is(actual, rounded) ||
    actual === rounded ||
    Math.abs(actual - rounded) < 1e-6 * Math.abs(rounded) + 1e-38;
  expect(isClose, `${what}: got ${actual}, expected ${rounded}`).toBe(true);
}

describe.each(tensorBackends)('special values on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it.each(unary)('%s as in IEEE arithmetic', (name, apply, twin) => {
    const result = tf.tidy(() => apply(tf.tensor1d(values)).dataSync());
    values.forEach((x, i) => {
      // TensorFlow takes denormals for zeros.
      if (backend === 'tensorflow' && x === 1e-40) return;
      expectClose(result[i]!, twin(Math.fround(x)), `${name}(${x})`);
    });
  });

  it('NaN passes through maxima, minima and their reductions', () => {
    tf.tidy(() => {
      const x = tf.tensor1d(values);
      const y = tf.tensor1d([...values].reverse());
      const largest = tf.maximum(x, y).dataSync();
      const smallest = tf.minimum(x, y).dataSync();
      values.forEach((a, i) => {
        const b = values[values.length - 1 - i]!;
        expectClose(largest[i]!, Math.max(a, b), `max(${a}, ${b})`);
        expectClose(smallest[i]!, Math.min(a, b), `min(${a}, ${b})`);
      });
      expect(tf.max(x).dataSync()[0]).toBeNaN();
      expect(tf.min(tf.tile(x, [3])).dataSync()[0]).toBeNaN();
      expect(tf.sum(x).dataSync()[0]).toBeNaN();
      expect(tf.max(tf.tensor2d([1, nan, 2, 3], [2, 2]), 0).arraySync()).toEqual([2, nan]);
    });
  });

  it('softmax and its logarithm stay finite for large logits, and tell of a NaN', () => {
    tf.tidy(() => {
      const large = tf.tensor2d([1000, 999, -1000, 5], [2, 2]);
      const p = 1 / (1 + Math.exp(-1));
      const logSoftmax = tf.logSoftmax(large).dataSync();
      [Math.log(p), Math.log(1 - p), -1005, 0].forEach((expected, i) => {
        // Differences of logits near 1000 are good to 6e-5.
        expect(Math.abs(logSoftmax[i]! - expected)).toBeLessThan(1e-4);
      });
      expect(tf.softmax(tf.tensor2d([nan, 1], [1, 2])).dataSync()[0]).toBeNaN();
    });
  });

  it('logSumExp of nothing but -Infinity is -Infinity, and Infinity stays', () => {
    tf.tidy(() => {
      expect(tf.logSumExp(tf.tensor1d([-inf, -inf])).dataSync()[0]).toBe(-inf);
      expect(tf.logSumExp(tf.tensor1d([-inf, inf])).dataSync()[0]).toBe(inf);
      expect(tf.logSumExp(tf.tensor1d([nan, 1])).dataSync()[0]).toBeNaN();
    });
  });

  it('comparisons with NaN are false', () => {
    tf.tidy(() => {
      const x = tf.tensor1d([nan, 1]);
      expect([...tf.greater(x, 0).dataSync()]).toEqual([0, 1]);
      expect([...tf.lessEqual(x, 0).dataSync()]).toEqual([0, 0]);
      expect([...tf.isNaN(x).dataSync()]).toEqual([1, 0]);
    });
  });

  it('numbers are told from infinities and NaN', () => {
    tf.tidy(() => {
      const x = tf.tensor1d(values);
      const rounded = Float32Array.from(values);
      expect([...tf.isFinite(x).dataSync()]).toEqual([...rounded].map((v) => Number(Number.isFinite(v))));
      expect([...tf.isNaN(x).dataSync()]).toEqual([...rounded].map((v) => Number(Number.isNaN(v))));
      expect([...tf.isInf(x).dataSync()]).toEqual([0, 1, 1, 0, 0, 0, 0, 0, 0]);
      const largest = tf.tensor1d([3.4028234663852886e38, -3.4028234663852886e38]);
      expect([...tf.isFinite(largest).dataSync()]).toEqual([1, 1]);
      expect(tf.isInf(tf.zeros([0])).shape).toEqual([0]);
    });
  });

  it('the gradient of relu tells of a NaN', () => {
    const slope = tf.tidy(() =>
      tf
        .grad((x) => tf.sum(tf.relu(x)))(tf.tensor1d([nan, -1, 1]))
        .dataSync(),
    );
    expect(slope[0]).toBeNaN();
    expect(slope[1]).toBe(0);
    expect(slope[2]).toBe(1);
  });
});
