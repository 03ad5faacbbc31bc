import { tf } from '../src/index.ts';

/** One differentiable function of several arrays, and the same function in float64 without any library. */
export interface OpCase {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  /** Inputs are drawn from this interval; default [-2, 2]. */
  readonly interval?: readonly [number, number];
  readonly apply: (...inputs: never[]) => tf.Tensor;
  readonly twin: (...inputs: Float64Array[]) => ArrayLike<number>;
}

/** Low-discrepancy numbers: fixed, irregular, without ties. */
export function irregular(
  length: number,
  seed: number,
  [low, high]: readonly [number, number],
): Float64Array {
  return Float64Array.from({ length }, (_, i) => {
    const fraction = ((i + 1) * 0.754877666246693 + seed * 0.569840290998053) % 1;
    return Math.fround(low + (high - low) * fraction);
  });
}

export function inputsOf(op: OpCase): Float64Array[] {
  return op.shapes.map((shape, k) =>
    irregular(
      shape.reduce((a, b) => a * b, 1),
      k + 1,
      op.interval ?? [-2, 2],
    ),
  );
}

/**
 * sum_i w_i (f_i + f_i^2 / 2) with irregular weights: a scalar whose gradient sees every output with its own weight, and whose
 * second derivative is not zero where f is linear.
 */
export function scalarTwin(op: OpCase, inputs: Float64Array[]): number {
  const value = op.twin(...inputs);
  const weights = irregular(value.length, 7, [0.5, 1.5]);
  let total = 0;
  for (let i = 0; i < value.length; i++) total += weights[i]! * (value[i]! + value[i]! ** 2 / 2);
  return total;
}

export function scalarTensor(op: OpCase, inputs: tf.Tensor[]): tf.Tensor {
  const value = op.apply(...(inputs as never[]));
  const weights = tf.tensor(Float32Array.from(irregular(value.size, 7, [0.5, 1.5])), value.shape);
  return tf.sum(tf.mul(weights, tf.add(value, tf.mul(0.5, tf.square(value)))));
}

/** Central difference of the twin's scalar along `direction`; error ~ step^2 f''' / 6 + 1e-16 / step. */
export function slopeAlong(
  op: OpCase,
  inputs: Float64Array[],
  direction: Float64Array[],
  step: number,
): number {
  const at = (sign: number) =>
    scalarTwin(
      op,
      inputs.map((x, k) => x.map((value, i) => value + sign * step * direction[k]![i]!)),
    );
  return (at(1) - at(-1)) / (2 * step);
}

/** Second derivative of the twin's scalar along `u`, then `v`. */
export function curvatureAlong(
  op: OpCase,
  inputs: Float64Array[],
  u: Float64Array[],
  v: Float64Array[],
): number {
  const step = 1e-3;
  const at = (sign: number) =>
    slopeAlong(
      op,
      inputs.map((x, k) => x.map((value, i) => value + sign * step * v[k]![i]!)),
      u,
      step,
    );
  return (at(1) - at(-1)) / (2 * step);
}

export function directions(op: OpCase, seed: number): Float64Array[] {
  return inputsOf(op).map((x, k) => irregular(x.length, seed + 3 * k, [-1, 1]));
}

export function dotAll(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  let total = 0;
  a.forEach((values, k) => {
    for (let i = 0; i < values.length; i++) total += values[i]! * b[k]![i]!;
  });
  return total;
}
