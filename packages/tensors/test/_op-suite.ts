import { tf } from '../src/index.ts';
import { fourierCases } from './_fourier-cases.ts';
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
import { valueCases } from './_value-cases.ts';

/** Every op that a gradient passes through. */
export const opCases: readonly OpCase[] = [
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
  ...fourierCases,
];

/** Deviations from the float64 twin, each as a fraction of what rounding explains: at most 1 is right. */
export interface OpDeviations {
  /** Of the table in the README. */
  readonly row: string;
  readonly value: number;
  readonly slope?: number;
  readonly curvature?: number;
}

/** Name of an op's row in the table of the README: the first op in the case's name, what stands around it left out. */
export function rowOf(caseName: string): string {
  const words = caseName.replace(/^(square|exp) of /, '').split(/[^A-Za-z0-9]+/);
  return words.find((word) => word in tf || word in tf.image) ?? caseName;
}

export const rows: readonly string[] = [
  ...new Set([...opCases, ...valueCases].map(({ name }) => rowOf(name))),
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

/** Value, first and second derivative on the current backend, against the twin and its central differences. */
export function deviationsOf(op: OpCase): Required<OpDeviations> {
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
  const expected = Array.from(op.twin(...values));
  // NaN, which is right nowhere, where the lengths differ.
  const worst = Array.from(result.value, (y, i) => Math.abs(y - expected[i]!)).reduce(
    (a, b) => Math.max(a, b),
    result.value.length === expected.length ? 0 : Number.NaN,
  );
  const slope = slopeAlong(op, values, u, 1e-5);
  const curvature = curvatureAlong(op, values, u, v);
  return {
    row: rowOf(op.name),
    // float32 arithmetic on numbers of order one; polynomial kernels are within 4 ulp, sums of up to 50 terms.
    value: worst / (3e-6 * Math.max(1, ...expected.map(Math.abs))),
    // Rounding of a sum of order ten terms of order `slope`.
    slope: Math.abs(dotAll(result.gradients, u) - slope) / (2e-5 * Math.max(1, Math.abs(slope))),
    // As above; the difference quotient itself is good to 1e-5 of the fourth derivatives.
    curvature: Math.abs(dotAll(result.hessianU, v) - curvature) / (2e-4 * Math.max(1, Math.abs(curvature))),
  };
}
