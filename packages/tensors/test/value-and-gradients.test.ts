import { beforeAll, describe, expect, it } from 'vitest';
import {
  arraysOf,
  clipByGlobalNorm,
  disposeTree,
  globalNorm,
  initTensors,
  parameterTree,
  parameterVector,
  tensorsOf,
  tf,
  valueAndGradients,
} from '../src/index.ts';
import { tensorBackends } from './_backends.ts';

const tree = {
  a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  b: { shape: [], data: Float32Array.of(5) },
  unused: { shape: [3], data: Float32Array.of(7, 8, 9) },
};

describe.each(tensorBackends)('valueAndGradients on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it('gives value and gradients in the layout of the parameters, zero where unused', () => {
    const before = tf.memory().numTensors;
    const loss = (p: Readonly<Record<string, tf.Tensor>>) => tf.mul(tf.sum(tf.square(p.a!)), p.b!);
    const { value, gradients } = valueAndGradients(loss, tree);
    expect(value).toBe(150);
    expect(parameterTree(gradients)).toEqual({
      a: { shape: [2, 2], data: Float32Array.of(10, 20, 30, 40) },
      b: { shape: [], data: Float32Array.of(30) },
      unused: { shape: [3], data: Float32Array.of(0, 0, 0) },
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('can be taken of a loss that holds a gradient', () => {
    const score = (x: tf.Tensor) => tf.grad((y) => tf.sum(tf.tanh(y)))(x);
    const loss = (p: Readonly<Record<string, tf.Tensor>>) => tf.sum(tf.square(score(p.a!)));
    const { gradients } = valueAndGradients(loss, { a: { shape: [1], data: Float32Array.of(0.4) } });
    const t = Math.tanh(0.4);
    // d/dx (1 - t^2)^2.
    expect(gradients.values[0]).toBeCloseTo(-4 * t * (1 - t * t) ** 2, 5);
  });

  it('returns a NaN as it is', () => {
    const { value } = valueAndGradients((p) => tf.log(tf.neg(p.b!)), tree);
    expect(value).toBeNaN();
  });

  it('leaves nothing behind when the loss throws', () => {
    const before = tf.memory().numTensors;
    expect(() =>
      valueAndGradients((p) => {
        tf.exp(p.a!);
        throw new Error('no loss');
      }, tree),
    ).toThrow('no loss');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('carries arrays to tensors and back', () => {
    const tensors = tensorsOf(tree);
    expect(arraysOf(tensors)).toEqual(tree);
    disposeTree(tensors);
  });
});

describe('parameter vectors', () => {
  it('hold a tree in order and show it as views', () => {
    const vector = parameterVector(tree);
    expect([...vector.values]).toEqual([1, 2, 3, 4, 5, 7, 8, 9]);
    expect(parameterTree(vector)).toEqual(tree);
    vector.values[4] = 6;
    expect(parameterTree(vector).b!.data[0]).toBe(6);
    expect(tree.b.data[0]).toBe(5);
  });

  it('refuse an array that does not fill its shape', () => {
    const broken = { w: { shape: [2, 3], data: new Float32Array(5) } };
    expect(() => parameterVector(broken)).toThrow(
      'tensors.parameterVector: w must hold 6 values for shape [2,3]; got 5.',
    );
  });

  it('are clipped by their global norm', () => {
    const gradients = parameterVector({ a: { shape: [2], data: Float32Array.of(3, 4) } });
    expect(clipByGlobalNorm(gradients, 10)).toBe(5);
    expect([...gradients.values]).toEqual([3, 4]);
    expect(clipByGlobalNorm(gradients, 1)).toBe(5);
    expect(globalNorm(gradients)).toBeCloseTo(1, 6);
    gradients.values[0] = Number.POSITIVE_INFINITY;
    expect(clipByGlobalNorm(gradients, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});
