import { tf } from '../src/index.ts';

/** An op of which no gradient passes: what it gives on fixed inputs, in order. */
export interface ValueCase {
  readonly name: string;
  readonly apply: () => tf.Tensor;
  readonly expected: readonly number[];
}

const x = [-1.5, 2, -0.5, 0, 2, 2.5, -0];
const y = [-1.5, 1, 0.5, 0, 3, -2, 0];
const ones = (test: (a: number, b: number) => boolean) => x.map((a, i) => (test(a, y[i]!) ? 1 : 0));

function comparison(
  name: string,
  apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  test: (a: number, b: number) => boolean,
): ValueCase {
  return { name, apply: () => apply(tf.tensor1d(x), tf.tensor1d(y)), expected: ones(test) };
}

function ofNumbers(name: string, apply: (a: tf.Tensor) => tf.Tensor, expected: readonly number[]): ValueCase {
  return { name, apply: () => apply(tf.tensor1d(x)), expected };
}

const masks = () => [tf.tensor1d([1, 1, 0, 0], 'bool'), tf.tensor1d([1, 0, 1, 0], 'bool')] as const;
const table = () => tf.tensor2d([3, 1, 2, -1, 5, -4], [2, 3]);
const odd = () => tf.tensor1d([1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);

export const valueCases: readonly ValueCase[] = [
  comparison('equal', tf.equal, (a, b) => a === b),
  comparison('notEqual', tf.notEqual, (a, b) => a !== b),
  comparison('greater', tf.greater, (a, b) => a > b),
  comparison('greaterEqual', tf.greaterEqual, (a, b) => a >= b),
  comparison('less', tf.less, (a, b) => a < b),
  comparison('lessEqual', tf.lessEqual, (a, b) => a <= b),
  { name: 'logicalAnd', apply: () => tf.logicalAnd(...masks()), expected: [1, 0, 0, 0] },
  { name: 'logicalOr', apply: () => tf.logicalOr(...masks()), expected: [1, 1, 1, 0] },
  { name: 'logicalNot', apply: () => tf.logicalNot(masks()[0]), expected: [0, 0, 1, 1] },
  // Halves go to the even neighbour.
  ofNumbers('round', tf.round, [-2, 2, -0, 0, 2, 2, -0]),
  ofNumbers('ceil', tf.ceil, [-1, 2, -0, 0, 2, 3, -0]),
  ofNumbers('floor', tf.floor, [-2, 2, -1, 0, 2, 2, -0]),
  ofNumbers('sign', tf.sign, [-1, 1, -1, 0, 1, 1, 0]),
  ofNumbers('step', tf.step, [0, 1, 0, 0, 1, 1, 0]),
  ofNumbers('cast to integers', (a) => tf.cast(a, 'int32'), [-1, 2, 0, 0, 2, 2, 0]),
  ofNumbers('onesLike', tf.onesLike, [1, 1, 1, 1, 1, 1, 1]),
  ofNumbers('zerosLike', tf.zerosLike, [0, 0, 0, 0, 0, 0, 0]),
  ofNumbers('clone', tf.clone, x),
  { name: 'isNaN', apply: () => tf.isNaN(odd()), expected: [0, 1, 0, 0] },
  { name: 'isInf', apply: () => tf.isInf(odd()), expected: [0, 0, 1, 1] },
  { name: 'isFinite', apply: () => tf.isFinite(odd()), expected: [1, 0, 0, 0] },
  { name: 'argMax', apply: () => tf.argMax(table(), 1), expected: [0, 1] },
  { name: 'argMax of the first axis', apply: () => tf.argMax(table(), 0), expected: [0, 1, 0] },
  { name: 'argMin', apply: () => tf.argMin(table(), 1), expected: [1, 2] },
  { name: 'argsort', apply: () => tf.argsort(table()), expected: [1, 2, 0, 2, 0, 1] },
  {
    name: 'oneHot',
    apply: () => tf.oneHot(tf.tensor1d([2, 0], 'int32'), 3),
    expected: [0, 0, 1, 1, 0, 0],
  },
  { name: 'eye', apply: () => tf.eye(2, 3), expected: [1, 0, 0, 0, 1, 0] },
  { name: 'linspace', apply: () => tf.linspace(-1, 2, 4), expected: [-1, 0, 1, 2] },
  { name: 'range', apply: () => tf.range(5, 0, -2), expected: [5, 3, 1] },
  { name: 'fill', apply: () => tf.fill([2], 3.5), expected: [3.5, 3.5] },
  { name: 'ones', apply: () => tf.ones([3]), expected: [1, 1, 1] },
  { name: 'zeros', apply: () => tf.zeros([3]), expected: [0, 0, 0] },
];
