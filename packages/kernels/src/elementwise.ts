import { requireLength } from './_required-length.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

/** Numbers of the operations in csrc/elementwise.c. */
const UNARY = {
  negate: 0,
  abs: 1,
  square: 2,
  reciprocal: 3,
  sqrt: 4,
  rsqrt: 5,
  exp: 6,
  expm1: 7,
  log: 8,
  log1p: 9,
  tanh: 10,
  sigmoid: 11,
  softplus: 12,
  erf: 13,
  relu: 14,
  leakyRelu: 15,
  elu: 16,
  floor: 17,
  ceil: 18,
  round: 19,
  sign: 20,
  step: 21,
  clip: 22,
  silu: 23,
  affine: 24,
} as const;

const BINARY = {
  add: 0,
  subtract: 1,
  multiply: 2,
  divide: 3,
  maximum: 4,
  minimum: 5,
  squaredDifference: 6,
  reluGradient: 7,
  tanhGradient: 8,
  sigmoidGradient: 9,
  eluGradient: 10,
  softplusGradient: 11,
  siluGradient: 12,
} as const;

const COMPARISONS = { equal: 0, notEqual: 1, greater: 2, greaterEqual: 3, less: 4, lessEqual: 5 } as const;

export type UnaryOperation = keyof typeof UNARY;
export type BinaryOperation = keyof typeof BINARY;
export type Comparison = keyof typeof COMPARISONS;

/**
 * Applies a function to each element; `output` may be `x`.
 *
 * @param constants  p and q of `leakyRelu` (p: slope below zero), `step` (p: value at and below zero), `clip` (p, q: bounds) and
 *                   `affine` (p x + q).
 *
 * Accuracy: exp, log 1 ulp, tanh, log1p 2, expm1, sigmoid, softplus 3, erf 1e-6. NaN in, NaN out.
 */
export function unary(
  kernels: Kernels,
  operation: UnaryOperation,
  x: Float32Array,
  output: Float32Array,
  constants: readonly [p?: number, q?: number] = [],
): void {
  requireLength('unary', 'output', output, x.length);
  kernels.call.lf_unary(UNARY[operation], x, output, x.length, constants[0] ?? 0, constants[1] ?? 0);
}

/** One axis of a broadcast operation: its length, and the strides of both operands in floats (0 repeats). */
export type BroadcastAxis = readonly [size: number, strideA: number, strideB: number];

const MAX_RANK = 8;
const axesOfEngine = new WeakMap<Kernels, Int32Array>();

function axesBuffer(kernels: Kernels): Int32Array {
  let buffer = axesOfEngine.get(kernels);
  if (!buffer) {
    buffer = kernels.int32(3 * MAX_RANK);
    axesOfEngine.set(kernels, buffer);
  }
  return buffer;
}

/** Axes of an operation of shapes `a` and `b` with NumPy's broadcasting, neighbours joined where both can be walked as one. */
export function broadcastAxes(a: readonly number[], b: readonly number[]): BroadcastAxis[] {
  const rank = Math.max(a.length, b.length);
  const axes: [number, number, number][] = [];
  let strideA = 1;
  let strideB = 1;
  for (let d = 1; d <= rank; d++) {
    const sizeA = a[a.length - d] ?? 1;
    const sizeB = b[b.length - d] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new InvalidArgumentError(
        'shapes',
        `kernels.broadcastAxes: shapes must agree where neither is 1; got [${a}] and [${b}].`,
      );
    }
    const size = sizeA === 1 ? sizeB : sizeA;
    if (size !== 1) pushJoined(axes, [size, sizeA === 1 ? 0 : strideA, sizeB === 1 ? 0 : strideB]);
    strideA *= sizeA;
    strideB *= sizeB;
  }
  return axes.length > 0 ? axes.reverse() : [[1, 1, 1]];
}

/** Adds the next outer axis, or lengthens the last one when both operands go on in the same steps. */
function pushJoined(axes: [number, number, number][], axis: [number, number, number]): void {
  const inner = axes.at(-1);
  if (inner && axis[1] === inner[1] * inner[0] && axis[2] === inner[2] * inner[0]) inner[0] *= axis[0];
  else axes.push(axis);
}

/**
 * A function of two arrays, element by element, with broadcasting.
 *
 * @param axes    From {@link broadcastAxes}.
 * @param output  Contiguous, as long as the product of the sizes.
 *
 * The gradients (`reluGradient`, ...) take dy as `a`, and as `b` the input (relu, softplus, silu) or the output (tanh, sigmoid, elu).
 */
export function binary(
  kernels: Kernels,
  operation: BinaryOperation,
  a: Float32Array,
  b: Float32Array,
  output: Float32Array,
  axes: readonly BroadcastAxis[],
): void {
  if (axes.length > MAX_RANK) {
    throw new InvalidArgumentError(
      'axes',
      `kernels.binary: axes must be at most ${MAX_RANK}; got ${axes.length}.`,
    );
  }
  const buffer = axesBuffer(kernels);
  let length = 1;
  for (let d = 0; d < axes.length; d++) {
    const axis = axes[d]!;
    buffer[3 * d] = axis[0];
    buffer[3 * d + 1] = axis[1];
    buffer[3 * d + 2] = axis[2];
    length *= axis[0];
  }
  requireLength('binary', 'output', output, length);
  if (length > 0) kernels.call.lf_binary(BINARY[operation], a, b, output, buffer, axes.length);
}

/** 1 where `a (comparison) b`, else 0, for arrays of one length. */
export function compare(
  kernels: Kernels,
  comparison: Comparison,
  a: Float32Array,
  b: Float32Array,
  output: Uint8Array,
): void {
  requireLength('compare', 'b', b, a.length);
  requireLength('compare', 'output', output, a.length);
  kernels.call.lf_compare(COMPARISONS[comparison], a, b, output, a.length);
}

const CLASSES = { isNaN: 0, isInfinite: 1, isFinite: 2 } as const;
export type NumberClass = keyof typeof CLASSES;

/** 1 where x is of the class, else 0. */
export function classify(kernels: Kernels, kind: NumberClass, x: Float32Array, output: Uint8Array): void {
  requireLength('classify', 'output', output, x.length);
  kernels.call.lf_classify(CLASSES[kind], x, output, x.length);
}

const LOGICAL = { and: 0, or: 1, not: 2 } as const;
export type LogicalOperation = keyof typeof LOGICAL;

/** Masks of 0 and 1 combined, element by element; `not` takes no `b`. */
export function logical(
  kernels: Kernels,
  operation: LogicalOperation,
  a: Uint8Array,
  b: Uint8Array | null,
  output: Uint8Array,
): void {
  if (b) requireLength('logical', 'b', b, a.length);
  requireLength('logical', 'output', output, a.length);
  kernels.call.lf_logical(LOGICAL[operation], a, b, output, a.length);
}
