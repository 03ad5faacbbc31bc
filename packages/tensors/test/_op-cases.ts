import { tf } from '../src/index.ts';
import type { OpCase } from './_op-case.ts';
import { avgPoolTwin, conv2dTwin, matMulTwin, maxPoolTwin, softmaxTwin } from './_twins.ts';

type T = tf.Tensor;

function unary(
  name: string,
  apply: (x: T) => T,
  twin: (x: number) => number,
  interval: readonly [number, number] = [-2, 2],
): OpCase {
  return { name, shapes: [[3, 7]], interval, apply, twin: (x) => x!.map(twin) };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const erf = (x: number) => {
  // Series of Abramowitz and Stegun 7.1.5; 60 terms are exact to float64 for |x| < 3.
  let term = x;
  let total = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
};

export const unaryCases: OpCase[] = [
  unary('abs', tf.abs, Math.abs),
  unary('neg', tf.neg, (x) => -x),
  unary('exp', tf.exp, Math.exp),
  unary('expm1', tf.expm1, Math.expm1),
  unary('log', tf.log, Math.log, [0.2, 3]),
  unary('log1p', tf.log1p, Math.log1p, [-0.5, 3]),
  unary('sqrt', tf.sqrt, Math.sqrt, [0.2, 3]),
  unary('rsqrt', tf.rsqrt, (x) => 1 / Math.sqrt(x), [0.2, 3]),
  unary('square', tf.square, (x) => x * x),
  unary('reciprocal', tf.reciprocal, (x) => 1 / x, [0.3, 3]),
  unary('tanh', tf.tanh, Math.tanh),
  unary(
    'x tanh x',
    (x) => tf.mul(x, tf.tanh(x)),
    (x) => x * Math.tanh(x),
  ),
  unary('sigmoid', tf.sigmoid, sigmoid),
  unary('silu', tf.silu, (x) => x * sigmoid(x)),
  unary('softplus', tf.softplus, (x) => Math.log1p(Math.exp(x))),
  unary('relu', tf.relu, (x) => Math.max(x, 0)),
  unary(
    'relu squared',
    (x) => tf.square(tf.relu(x)),
    (x) => Math.max(x, 0) ** 2,
  ),
  unary(
    'leakyRelu',
    (x) => tf.leakyRelu(x, 0.1),
    (x) => (x > 0 ? x : 0.1 * x),
  ),
  unary('elu', tf.elu, (x) => (x > 0 ? x : Math.expm1(x))),
  unary('selu', tf.selu, (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x))),
  unary('sin', tf.sin, Math.sin),
  unary('cos', tf.cos, Math.cos),
  unary('tan', tf.tan, Math.tan, [-1, 1]),
  unary('atan', tf.atan, Math.atan),
  unary('sinh', tf.sinh, Math.sinh),
  unary('cosh', tf.cosh, Math.cosh),
  unary('erf', tf.erf, erf),
  unary(
    'clipByValue',
    (x) => tf.clipByValue(x, -0.73, 1.17),
    (x) => Math.min(Math.max(x, -0.73), 1.17),
  ),
  unary(
    'mask by comparison',
    (x) => tf.where(tf.greater(x, 0.3), tf.square(x), x),
    (x) => (x > 0.3 ? x * x : x),
  ),
  unary(
    'x floor x',
    (x) => tf.mul(x, tf.floor(x)),
    (x) => x * Math.floor(x),
  ),
];

function binary(
  name: string,
  apply: (a: T, b: T) => T,
  twin: (a: number, b: number) => number,
  interval: readonly [number, number] = [0.4, 2],
): OpCase[] {
  const n = 15;
  const same = (a: Float64Array, b: Float64Array) => a.map((x, i) => twin(x, b[i]!));
  const perColumn = (a: Float64Array, b: Float64Array) => a.map((x, i) => twin(x, b[i % 5]!));
  const perRow = (a: Float64Array, b: Float64Array) => b.map((x, i) => twin(a[Math.floor(i / 5)]!, x));
  const outer = (a: Float64Array, b: Float64Array) =>
    Float64Array.from({ length: n }, (_, i) => twin(a[Math.floor(i / 5)]!, b[i % 5]!));
  return [
    {
      name: `${name} [3,5] [3,5]`,
      shapes: [
        [3, 5],
        [3, 5],
      ],
      interval,
      apply,
      twin: same as OpCase['twin'],
    },
    { name: `${name} [3,5] [5]`, shapes: [[3, 5], [5]], interval, apply, twin: perColumn as OpCase['twin'] },
    {
      name: `${name} [3,1] [3,5]`,
      shapes: [
        [3, 1],
        [3, 5],
      ],
      interval,
      apply,
      twin: perRow as OpCase['twin'],
    },
    {
      name: `${name} [3,1] [1,5]`,
      shapes: [
        [3, 1],
        [1, 5],
      ],
      interval,
      apply,
      twin: outer as OpCase['twin'],
    },
  ];
}

export const binaryCases: OpCase[] = [
  ...binary('add', tf.add, (a, b) => a + b),
  ...binary('sub', tf.sub, (a, b) => a - b),
  ...binary('mul', tf.mul, (a, b) => a * b),
  ...binary('div', tf.div, (a, b) => a / b),
  ...binary('pow', tf.pow, (a, b) => a ** b),
  ...binary('squaredDifference', tf.squaredDifference, (a, b) => (a - b) ** 2),
  ...binary('maximum', tf.maximum, Math.max),
  ...binary('minimum', tf.minimum, Math.min),
  ...binary('atan2', tf.atan2, Math.atan2),
];

function rows(x: Float64Array, width: number, f: (row: Float64Array) => ArrayLike<number>): number[] {
  const result: number[] = [];
  for (let i = 0; i < x.length; i += width) result.push(...Array.from(f(x.subarray(i, i + width))));
  return result;
}

const total = (x: Float64Array) => x.reduce((a, b) => a + b, 0);

function columns(x: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: width }, (_, c) => x.filter((_v, i) => i % width === c));
}

export const reductionCases: OpCase[] = [
  {
    name: 'sum all',
    shapes: [[3, 7]],
    apply: (x: T) => tf.sum(tf.square(x)),
    twin: (x) => [total(x!.map((v) => v * v))],
  },
  {
    name: 'sum last',
    shapes: [[3, 7]],
    apply: (x: T) => tf.sum(tf.square(x), 1),
    twin: (x) => rows(x!, 7, (r) => [total(r.map((v) => v * v))]),
  },
  {
    name: 'sum first',
    shapes: [[3, 7]],
    apply: (x: T) => tf.sum(tf.square(x), 0),
    twin: (x) => columns(x!, 7).map((c) => total(c.map((v) => v * v))),
  },
  {
    name: 'sum middle, kept',
    shapes: [[2, 3, 4]],
    apply: (x: T) => tf.sum(tf.exp(x), 1, true),
    twin: (x) => rows(x!, 12, (r) => columns(r, 4).map((c) => total(c.map(Math.exp)))),
  },
  {
    name: 'sum outer axes',
    shapes: [[2, 3, 4]],
    apply: (x: T) => tf.sum(tf.exp(x), [0, 2]),
    twin: (x) => [0, 1, 2].map((j) => total(x!.filter((_, i) => Math.floor(i / 4) % 3 === j).map(Math.exp))),
  },
  {
    name: 'mean',
    shapes: [[3, 7]],
    apply: (x: T) => tf.mean(tf.square(x), 0),
    twin: (x) => columns(x!, 7).map((c) => total(c.map((v) => v * v)) / 3),
  },
  {
    name: 'max',
    shapes: [[3, 7]],
    apply: (x: T) => tf.square(tf.max(x, 1)),
    twin: (x) => rows(x!, 7, (r) => [Math.max(...r) ** 2]),
  },
  {
    name: 'min',
    shapes: [[3, 7]],
    apply: (x: T) => tf.exp(tf.min(x, 0)),
    twin: (x) => columns(x!, 7).map((c) => Math.exp(Math.min(...c))),
  },
  {
    name: 'logSumExp',
    shapes: [[3, 7]],
    apply: (x: T) => tf.logSumExp(x, 1),
    twin: (x) => rows(x!, 7, (r) => [Math.log(total(r.map(Math.exp)))]),
  },
  {
    name: 'softmax',
    shapes: [[3, 7]],
    apply: (x: T) => tf.softmax(x),
    twin: (x) => rows(x!, 7, softmaxTwin),
  },
  {
    name: 'logSoftmax',
    shapes: [[3, 7]],
    apply: (x: T) => tf.logSoftmax(x),
    twin: (x) => rows(x!, 7, (r) => softmaxTwin(r).map(Math.log)),
  },
  {
    name: 'cumsum',
    shapes: [[3, 7]],
    apply: (x: T) => tf.square(tf.cumsum(x, 1)),
    twin: (x) => rows(x!, 7, (r) => r.map((_, i) => total(r.subarray(0, i + 1)) ** 2)),
  },
  {
    name: 'norm',
    shapes: [[3, 7]],
    apply: (x: T) => tf.norm(x),
    twin: (x) => [Math.sqrt(total(x!.map((v) => v * v)))],
  },
];

/** Moves numbers, then squares them, so that the second derivative is not zero. */
function moved(
  name: string,
  shapes: number[][],
  apply: (...x: T[]) => T,
  order: (...x: Float64Array[]) => number[],
): OpCase {
  return {
    name,
    shapes,
    apply: (...x: T[]) => tf.square(apply(...x)),
    twin: (...x) => order(...x).map((v) => v * v),
  };
}

const pick = (x: Float64Array, indices: number[]) => indices.map((i) => (i < 0 ? 0 : x[i]!));

const mean = (x: Float64Array) => total(x) / x.length;

export const compositeCases: OpCase[] = [
  {
    name: 'moments',
    shapes: [[3, 7]],
    apply: (x: T) => tf.moments(x, 1).variance,
    twin: (x) => rows(x!, 7, (r) => [mean(r.map((v) => (v - mean(r)) ** 2))]),
  },
  {
    name: 'addN',
    shapes: [[4], [4], [4]],
    apply: (...x: T[]) => tf.addN(x),
    twin: (a, b, c) => a!.map((v, i) => v + b![i]! + c![i]!),
  },
  {
    name: 'dot',
    shapes: [[5], [5]],
    apply: (a: T, b: T) => tf.dot(a, b),
    twin: (a, b) => [total(a!.map((v, i) => v * b![i]!))],
  },
  {
    name: 'outerProduct',
    shapes: [[3], [2]],
    apply: (a: tf.Tensor1D, b: tf.Tensor1D) => tf.outerProduct(a, b),
    twin: (a, b) => [...a!].flatMap((v) => [...b!].map((w) => v * w)),
  },
  {
    name: 'unsortedSegmentSum',
    shapes: [[4, 2]],
    apply: (x: T) => tf.unsortedSegmentSum(tf.exp(x), tf.tensor1d([1, 0, 1, 1], 'int32'), 3),
    twin: (x) => {
      const e = x!.map(Math.exp);
      return [e[2]!, e[3]!, e[0]! + e[4]! + e[6]!, e[1]! + e[5]! + e[7]!, 0, 0];
    },
  },
  {
    name: 'stopGradient of a factor leaves the other',
    shapes: [[4]],
    apply: (x: T) => tf.mul(tf.exp(x), tf.exp(tf.sub(tf.stopGradient(x), tf.stopGradient(x)))),
    twin: (x) => x!.map(Math.exp),
  },
  {
    name: 'logSumExp over all axes, kept',
    shapes: [[2, 3]],
    apply: (x: T) => tf.logSumExp(x, undefined, true),
    twin: (x) => [Math.log(total(x!.map(Math.exp)))],
  },
  {
    name: 'pow by a constant',
    shapes: [[6]],
    interval: [0.3, 2],
    apply: (x: T) => tf.pow(x, 3),
    twin: (x) => x!.map((v) => v ** 3),
  },
];

export const shapeCases: OpCase[] = [
  moved(
    'slice',
    [[3, 4]],
    (x) => tf.slice(x!, [1, 1], [2, 2]),
    (x) => pick(x!, [5, 6, 9, 10]),
  ),
  moved(
    'pad',
    [[2, 2]],
    (x) =>
      tf.pad(x!, [
        [1, 0],
        [0, 2],
      ]),
    (x) => pick(x!, [-1, -1, -1, -1, 0, 1, -1, -1, 2, 3, -1, -1]),
  ),
  moved(
    'concat',
    [
      [2, 2],
      [2, 1],
    ],
    (a, b) => tf.concat([a!, b!], 1),
    (a, b) => [a![0]!, a![1]!, b![0]!, a![2]!, a![3]!, b![1]!],
  ),
  moved(
    'stack',
    [[2], [2]],
    (a, b) => tf.stack([a!, b!], 1),
    (a, b) => [a![0]!, b![0]!, a![1]!, b![1]!],
  ),
  moved(
    'unstack',
    [[2, 3]],
    (x) => tf.mul(tf.unstack(x!, 1)[2]!, tf.unstack(x!, 1)[0]!),
    (x) => [x![2]! * x![0]!, x![5]! * x![3]!],
  ),
  moved(
    'split',
    [[2, 4]],
    (x) => tf.mul(tf.split(x!, 2, 1)[0]!, tf.split(x!, [1, 2, 1], 1)[1]!),
    (x) => [x![0]! * x![1]!, x![1]! * x![2]!, x![4]! * x![5]!, x![5]! * x![6]!],
  ),
  moved(
    'transpose',
    [[2, 3]],
    (x) => tf.transpose(x!),
    (x) => pick(x!, [0, 3, 1, 4, 2, 5]),
  ),
  moved(
    'transpose 3',
    [[2, 2, 2]],
    (x) => tf.transpose(x!, [2, 0, 1]),
    (x) => pick(x!, [0, 2, 4, 6, 1, 3, 5, 7]),
  ),
  moved(
    'reshape',
    [[2, 3]],
    (x) => tf.reshape(x!, [3, 2]),
    (x) => [...x!],
  ),
  moved(
    'expandDims',
    [[3]],
    (x) => tf.mul(tf.expandDims(x!, 1), x!),
    (x) => [...x!].flatMap((v) => [...x!].map((w) => v * w)),
  ),
  moved(
    'squeeze',
    [[1, 3]],
    (x) => tf.squeeze(x!),
    (x) => [...x!],
  ),
  moved(
    'reverse',
    [[2, 3]],
    (x) => tf.reverse(x!, 1),
    (x) => pick(x!, [2, 1, 0, 5, 4, 3]),
  ),
  moved(
    'tile',
    [[2, 2]],
    (x) => tf.tile(x!, [1, 2]),
    (x) => pick(x!, [0, 1, 0, 1, 2, 3, 2, 3]),
  ),
  moved(
    'broadcastTo',
    [[2, 1]],
    (x) => tf.broadcastTo(x!, [2, 3]),
    (x) => pick(x!, [0, 0, 0, 1, 1, 1]),
  ),
  moved(
    'gather',
    [[2, 4]],
    (x) => tf.gather(x!, tf.tensor1d([3, 0, 3], 'int32'), 1),
    (x) => pick(x!, [3, 0, 3, 7, 4, 7]),
  ),
  moved(
    'gather rows',
    [[3, 2]],
    (x) => tf.gather(x!, [2, 0]),
    (x) => pick(x!, [4, 5, 0, 1]),
  ),
  moved(
    'where',
    [[4], [4]],
    (a, b) => tf.where(tf.tensor1d([1, 0, 0, 1], 'bool'), a!, b!),
    (a, b) => [a![0]!, b![1]!, b![2]!, a![3]!],
  ),
];

function conv(
  name: string,
  xShape: number[],
  filterShape: number[],
  strides: number,
  pad: 'same' | 'valid',
): OpCase {
  return {
    name,
    shapes: [xShape, filterShape],
    apply: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2d(x, filter, strides, pad),
    twin: (x, filter) => conv2dTwin(x!, xShape, filter!, filterShape, strides, pad).values,
  };
}

export const matrixCases: OpCase[] = [
  ...[false, true].flatMap((transposeA) =>
    [false, true].map(
      (transposeB): OpCase => ({
        name: `matMul ${transposeA ? 'A^T' : 'A'} ${transposeB ? 'B^T' : 'B'}`,
        shapes: [transposeA ? [5, 3] : [3, 5], transposeB ? [4, 5] : [5, 4]],
        apply: (a: T, b: T) => tf.matMul(a, b, transposeA, transposeB),
        twin: (a, b) => matMulTwin(a!, b!, { m: 3, n: 4, k: 5, transposeA, transposeB }),
      }),
    ),
  ),
  {
    name: 'matMul of batches',
    shapes: [
      [2, 3, 5],
      [2, 5, 4],
    ],
    apply: (a: T, b: T) => tf.matMul(a, b),
    twin: (a, b) =>
      [0, 1].flatMap((i) => [
        ...matMulTwin(a!.subarray(15 * i, 15 * i + 15), b!.subarray(20 * i, 20 * i + 20), {
          m: 3,
          n: 4,
          k: 5,
        }),
      ]),
  },
  {
    name: 'matMul of tanh of matMul',
    shapes: [
      [3, 5],
      [5, 4],
    ],
    apply: (a: T, b: T) => tf.matMul(tf.tanh(tf.matMul(a, b)), b, false, true),
    twin: (a, b) =>
      matMulTwin(matMulTwin(a!, b!, { m: 3, n: 4, k: 5 }).map(Math.tanh), b!, {
        m: 3,
        n: 5,
        k: 4,
        transposeB: true,
      }),
  },
  conv('conv2d same', [2, 5, 6, 2], [3, 3, 2, 3], 1, 'same'),
  conv('conv2d valid', [1, 5, 6, 3], [2, 3, 3, 2], 1, 'valid'),
  conv('conv2d same, stride 2', [2, 7, 6, 2], [3, 3, 2, 3], 2, 'same'),
  conv('conv2d 5x5 same, stride 2', [1, 8, 8, 1], [5, 5, 1, 2], 2, 'same'),
  conv('conv2d valid, stride 3', [1, 8, 9, 2], [2, 2, 2, 1], 3, 'valid'),
  conv('conv2d 1x1', [2, 3, 3, 2], [1, 1, 2, 3], 1, 'same'),
  {
    name: 'maxPool same, squared',
    shapes: [[2, 5, 6, 2]],
    apply: (x: tf.Tensor4D) => tf.square(tf.maxPool(x, 2, 2, 'same')),
    twin: (x) => maxPoolTwin(x!, [2, 5, 6, 2], 2, 2, 'same').map((v) => v * v),
  },
  {
    name: 'maxPool 3x3 valid, overlapping',
    shapes: [[1, 6, 7, 1]],
    apply: (x: tf.Tensor4D) => tf.exp(tf.maxPool(x, 3, 2, 'valid')),
    twin: (x) => maxPoolTwin(x!, [1, 6, 7, 1], 3, 2, 'valid').map(Math.exp),
  },
  {
    name: 'avgPool same, squared',
    shapes: [[2, 5, 6, 2]],
    apply: (x: tf.Tensor4D) => tf.square(tf.avgPool(x, 2, 2, 'same')),
    twin: (x) => avgPoolTwin(x!, [2, 5, 6, 2], 2, 2, 'same').map((v) => v * v),
  },
];
