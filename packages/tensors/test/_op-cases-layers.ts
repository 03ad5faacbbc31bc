import { tf } from '../src/index.ts';
import type { OpCase } from './_op-case.ts';
import { conv2dTransposeTwin, normaliseTwin, resizeTwin } from './_twins-layers.ts';

type T = tf.Tensor;

const CHANNELS = 4;

/** x, scale and offset, and what an entry is normalised with, by its flat place. */
function norm(
  name: string,
  shape: number[],
  apply: (x: T, scale: T, offset: T) => T,
  setOf: (i: number) => number,
  epsilon = 1e-5,
): OpCase {
  const channels = shape.at(-1)!;
  return {
    name,
    shapes: [shape, [channels], [channels]],
    apply,
    twin: (x, scale, offset) => {
      const h = normaliseTwin(x!, setOf, epsilon);
      return h.map((value, i) => value * scale![i % channels]! + offset![i % channels]!);
    },
  };
}

const images = [2, 3, 3, CHANNELS];
const sample = (i: number) => Math.floor(i / (9 * CHANNELS));

export const normCases: OpCase[] = [
  norm(
    'batchNormalise of maps',
    images,
    (x, scale, offset) => tf.batchNormalise(x, { scale, offset }).normalised,
    (i) => i % CHANNELS,
  ),
  norm(
    'batchNormalise of rows, with an epsilon',
    [6, 3],
    (x, scale, offset) => tf.batchNormalise(x, { scale, offset, epsilon: 0.3 }).normalised,
    (i) => i % 3,
    0.3,
  ),
  norm(
    'groupNormalise',
    images,
    (x, scale, offset) => tf.groupNormalise(x, 2, { scale, offset }),
    (i) => 2 * sample(i) + Math.floor((i % CHANNELS) / 2),
  ),
  norm(
    'groupNormalise by channel',
    images,
    (x, scale, offset) => tf.groupNormalise(x, CHANNELS, { scale, offset }),
    (i) => CHANNELS * sample(i) + (i % CHANNELS),
  ),
  norm(
    'groupNormalise of features',
    [3, 6],
    (x, scale, offset) => tf.groupNormalise(x, 2, { scale, offset }),
    (i) => Math.floor(i / 3),
  ),
  norm(
    'layerNormalise',
    [2, 3, 7],
    (x, scale, offset) => tf.layerNormalise(x, { scale, offset }),
    (i) => Math.floor(i / 7),
  ),
  {
    name: 'exp of layerNormalise, plain',
    shapes: [[3, 7]],
    apply: (x: T) => tf.exp(tf.layerNormalise(x)),
    twin: (x) => normaliseTwin(x!, (i) => Math.floor(i / 7), 1e-5).map(Math.exp),
  },
  {
    name: 'batchNormaliseBy',
    shapes: [[3, 2], [2], [2], [2], [2]],
    interval: [0.4, 2],
    apply: (x: T, mean: T, variance: T, scale: T, offset: T) =>
      tf.batchNormaliseBy(x, { mean, variance }, { scale, offset, epsilon: 0.1 }),
    twin: (x, mean, variance, scale, offset) =>
      x!.map((value, i) => {
        const c = i % 2;
        return ((value - mean![c]!) / Math.sqrt(variance![c]! + 0.1)) * scale![c]! + offset![c]!;
      }),
  },
];

type Flags = readonly [alignCorners: boolean, halfPixelCenters: boolean];

function resizing(shape: number[], size: [number, number], isNearest: boolean, flags: Flags): OpCase {
  const resize = isNearest ? tf.image.resizeNearestNeighbor : tf.image.resizeBilinear;
  const what = isNearest ? 'resizeNearestNeighbor' : 'resizeBilinear';
  return {
    name: `square of ${what} [${shape}] to [${size}], ${flags}`,
    shapes: [shape],
    apply: (x: tf.Tensor4D) => tf.square(resize(x, size, ...flags)),
    twin: (x) => resizeTwin(x!, shape, size, isNearest, ...flags).map((value) => value * value),
  };
}

export const resizeCases: OpCase[] = [true, false].flatMap((isNearest) =>
  (
    [
      [false, false],
      [true, false],
      [false, true],
    ] as const
  ).flatMap((flags) => [
    resizing([2, 3, 4, 2], [6, 8], isNearest, flags),
    resizing([1, 5, 7, 1], [3, 9], isNearest, flags),
    resizing([1, 1, 4, 3], [2, 1], isNearest, flags),
  ]),
);

function transposed(
  name: string,
  xShape: number[],
  filterShape: number[],
  outputShape: [number, number, number, number],
  stride: number,
  pad: 'same' | 'valid',
): OpCase {
  return {
    name: `conv2dTranspose ${name}`,
    shapes: [xShape, filterShape],
    apply: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.conv2dTranspose(x, filter, outputShape, stride, pad),
    twin: (x, filter) => conv2dTransposeTwin(x!, xShape, filter!, filterShape, outputShape, stride, pad),
  };
}

export const transposedConvolutionCases: OpCase[] = [
  transposed('same, stride 2', [2, 3, 4, 3], [3, 3, 2, 3], [2, 6, 7, 2], 2, 'same'),
  transposed('valid, stride 2', [1, 3, 2, 2], [2, 2, 3, 2], [1, 6, 4, 3], 2, 'valid'),
  transposed('same', [2, 4, 3, 1], [3, 3, 2, 1], [2, 4, 3, 2], 1, 'same'),
];

/** Squares of running sums over the middle axis of [2, 4, 3]. */
function runningSum(exclusive: boolean, reverse: boolean): OpCase {
  return {
    name: `cumsum of the middle axis${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`,
    shapes: [[2, 4, 3]],
    apply: (x: T) => tf.square(tf.cumsum(x, 1, exclusive, reverse)),
    twin: (x) =>
      x!.map((_, at) => {
        const place = (i: number) => Math.floor(i / 3) % 4;
        const isCounted = (i: number) => (reverse ? place(i) > place(at) : place(i) < place(at));
        const total = x!.reduce((sum, value, i) => {
          const isSameLine = Math.floor(i / 12) === Math.floor(at / 12) && i % 3 === at % 3;
          return isSameLine && (isCounted(i) || (i === at && !exclusive)) ? sum + value : sum;
        }, 0);
        return total ** 2;
      }),
  };
}

function sorted(descending: boolean): OpCase {
  return {
    name: `exp of sort${descending ? ', descending' : ''}`,
    shapes: [[2, 3, 7]],
    apply: (x: T) => tf.exp(tf.sort(x, { descending })),
    twin: (x) =>
      Array.from({ length: 6 }, (_, row) => {
        const values = x!.slice(7 * row, 7 * row + 7).sort();
        return [...(descending ? values.reverse() : values)].map(Math.exp);
      }).flat(),
  };
}

export const orderingCases: OpCase[] = [
  runningSum(false, false),
  runningSum(true, false),
  runningSum(false, true),
  runningSum(true, true),
  sorted(false),
  sorted(true),
];
