import { beforeAll, describe, expect, it } from 'vitest';
import { initTensors, tf } from '../src/index.ts';
import { missingBackends, tensorBackends } from './_backends.ts';
import {
  curvatureAlong,
  directions,
  dotAll,
  inputsOf,
  type OpCase,
  scalarTensor,
  slopeAlong,
} from './_op-case.ts';
import {
  binaryCases,
  compositeCases,
  matrixCases,
  reductionCases,
  shapeCases,
  unaryCases,
} from './_op-cases.ts';
import { normCases, orderingCases, resizeCases, transposedConvolutionCases } from './_op-cases-layers.ts';

const cases: OpCase[] = [
  ...unaryCases,
  ...binaryCases,
  ...reductionCases,
  ...shapeCases,
  ...matrixCases,
  ...compositeCases,
  ...normCases,
  ...resizeCases,
  ...transposedConvolutionCases,
  ...orderingCases,
];

function tensors(op: OpCase, values: Float64Array[]): tf.Tensor[] {
  return values.map((x, k) => tf.tensor(Float32Array.from(x), op.shapes[k] as number[]));
}

function gradientsOf(op: OpCase, inputs: tf.Tensor[]): tf.Tensor[] {
  return tf.grads((...x: tf.Tensor[]) => scalarTensor(op, x) as tf.Scalar)(inputs);
}

/** u . gradient as a tensor function, to be differentiated again. */
function slopeTensor(op: OpCase, inputs: tf.Tensor[], u: tf.Tensor[]): tf.Scalar {
  const parts = gradientsOf(op, inputs).map((g, k) => tf.sum(tf.mul(g, u[k]!)));
  return parts.reduce((a, b) => tf.add(a, b)) as tf.Scalar;
}

describe.each(tensorBackends)('ops on %s', (backend) => {
  beforeAll(async () => {
    await initTensors({ backend });
  });

  it.each(cases.map((op) => [op.name, op] as const))('%s: value, slope and curvature', (_name, op) => {
    const before = tf.memory().numTensors;
    const values = inputsOf(op);
    const u = directions(op, 11);
    const v = directions(op, 23);
    const result = tf.tidy(() => {
      const x = tensors(op, values);
      const du = tensors(op, u);
      const hessianU = tf.grads((...y: tf.Tensor[]) => slopeTensor(op, y, du))(x);
      return {
        value: op.apply(...(x as never[])).dataSync(),
        gradients: gradientsOf(op, x).map((g) => g.dataSync()),
        hessianU: hessianU.map((h) => h.dataSync()),
      };
    });
    const expected = op.twin(...values);
    // float32 arithmetic on numbers of order one; polynomial kernels are within 4 ulp, sums of up to 50 terms.
    const scale = Math.max(1, ...Array.from(expected, Math.abs));
    Array.from(result.value).forEach((y, i) => {
      expect(Math.abs(y - expected[i]!)).toBeLessThan(3e-6 * scale);
    });
    const slope = slopeAlong(op, values, u, 1e-5);
    // Rounding of a sum of order ten terms of order `slope`.
    expect(Math.abs(dotAll(result.gradients, u) - slope)).toBeLessThan(2e-5 * Math.max(1, Math.abs(slope)));
    const curvature = curvatureAlong(op, values, u, v);
    // As above; the difference quotient itself is good to 1e-5 of the fourth derivatives.
    expect(Math.abs(dotAll(result.hessianU, v) - curvature)).toBeLessThan(
      2e-4 * Math.max(1, Math.abs(curvature)),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

it.skip.each(missingBackends)('ops on %s: %s', () => {});
