import { tf } from '@lensfield/tensors';
import type { SplineTransform } from '../flow.ts';
import type { RawOutputs, TransformKind } from './transform.ts';

/** Smallest bin width and height as shares of the interval, and smallest slope at a knot (Durkan et al. 2019, appendix B). */
const SMALLEST_SHARE = 1e-3;
const SMALLEST_SLOPE = 1e-3;

/** Raw value at which a knot's slope is one. */
const UNIT_SLOPE = Math.log(Math.expm1(1 - SMALLEST_SLOPE));

/** The splines of all coordinates of all rows, one a row: [rows, numBins] each. */
interface Knots {
  readonly widths: tf.Tensor2D;
  readonly heights: tf.Tensor2D;
  /** Slopes at the left and the right end of each bin. */
  readonly leftSlopes: tf.Tensor2D;
  readonly rightSlopes: tf.Tensor2D;
}

/** The bin of each value: [rows, 1] each. */
interface Bin {
  readonly left: tf.Tensor2D;
  readonly width: tf.Tensor2D;
  readonly bottom: tf.Tensor2D;
  readonly height: tf.Tensor2D;
  readonly leftSlope: tf.Tensor2D;
  readonly rightSlope: tf.Tensor2D;
}

function knotsOf({ numBins, bound }: SplineTransform, raw: RawOutputs): Knots {
  const rowsOf = (name: string, length: number) => tf.reshape(raw(name), [-1, length]) as tf.Tensor2D;
  const partition = (name: string): tf.Tensor2D => {
    const shares = tf.mul(tf.softmax(rowsOf(name, numBins)), 2 * bound * (1 - SMALLEST_SHARE * numBins));
    return tf.add(shares, 2 * bound * SMALLEST_SHARE);
  };
  const [widths, heights] = [partition('widths'), partition('heights')];
  const inner: tf.Tensor2D = tf.add(
    tf.softplus(tf.add(rowsOf('slopes', numBins - 1), UNIT_SLOPE)),
    SMALLEST_SLOPE,
  );
  return {
    widths,
    heights,
    leftSlopes: tf.pad(inner, padding(1, 0), 1),
    rightSlopes: tf.pad(inner, padding(0, 1), 1),
  };
}

const padding = (before: number, after: number): [number, number][] => [
  [0, 0],
  [before, after],
];

/** Finds each value's bin by the running sum of `sizes`. Which bin it is, is a constant to every gradient. */
function binOf({ numBins, bound }: SplineTransform, knots: Knots, sizes: tf.Tensor2D, values: tf.Tensor2D) {
  const passed = tf.stopGradient(passedBins(numBins, bound, sizes, values));
  const isBin = tf.stopGradient(tf.matMul(tf.pad(passed, padding(1, 0), 1), lastOne(numBins)));
  const isLeft = tf.pad(passed, padding(0, 1), 0);
  const pick = (of: tf.Tensor2D): tf.Tensor2D => tf.sum(tf.mul(of, isBin), 1, true);
  const before = (of: tf.Tensor2D): tf.Tensor2D => tf.sub(tf.sum(tf.mul(of, isLeft), 1, true), bound);
  return {
    left: before(knots.widths),
    width: pick(knots.widths),
    bottom: before(knots.heights),
    height: pick(knots.heights),
    leftSlope: pick(knots.leftSlopes),
    rightSlope: pick(knots.rightSlopes),
  };
}

/** 1 for each bin but the last whose right end is at or below the value: [rows, numBins - 1]. */
function passedBins(numBins: number, bound: number, sizes: tf.Tensor2D, values: tf.Tensor2D): tf.Tensor2D {
  const ends = tf.matMul(sizes, runningSum(numBins));
  return tf.cast(tf.greaterEqual(tf.add(values, bound), ends), 'float32');
}

/** [numBins, numBins - 1]: column k sums the bins 0 to k. */
function runningSum(numBins: number): tf.Tensor2D {
  const size = numBins - 1;
  const ones = Float32Array.from({ length: numBins * size }, (_, i) =>
    Math.floor(i / size) <= i % size ? 1 : 0,
  );
  return tf.tensor2d(ones, [numBins, size]);
}

/** [numBins, numBins]: from k + 1 leading ones a one at place k and zeros else. */
function lastOne(numBins: number): tf.Tensor2D {
  const differences = Float32Array.from({ length: numBins * numBins }, (_, i) => {
    const [row, column] = [Math.floor(i / numBins), i % numBins];
    if (row === column) return 1;
    return row === column + 1 ? -1 : 0;
  });
  return tf.tensor2d(differences, [numBins, numBins]);
}

/** Value and log slope in the bin at place xi in [0, 1] (eqs. 4 and 5). */
function quadraticRatio(bin: Bin, xi: tf.Tensor2D): { value: tf.Tensor2D; logSlope: tf.Tensor2D } {
  const { height, leftSlope, rightSlope } = bin;
  const slope: tf.Tensor2D = tf.div(height, bin.width);
  const rest: tf.Tensor2D = tf.sub(1, xi);
  const square = tf.square(xi);
  const product: tf.Tensor2D = tf.mul(xi, rest);
  const curvature = tf.sub(tf.add(leftSlope, rightSlope), tf.mul(slope, 2));
  const denominator = tf.add(slope, tf.mul(curvature, product));
  const numerator = tf.mul(height, tf.add(tf.mul(slope, square), tf.mul(leftSlope, product)));
  const slopes = tf.add(
    tf.add(tf.mul(rightSlope, square), tf.mul(tf.mul(slope, product), 2)),
    tf.mul(leftSlope, tf.square(rest)),
  );
  const logs = tf.sub(tf.log(slope), tf.log(denominator));
  return {
    value: tf.add(bin.bottom, tf.div(numerator, denominator)),
    logSlope: tf.add(tf.mul(logs, 2), tf.log(slopes)),
  };
}

/** Place of a value y in its bin: the root of a quadratic in the form that does not cancel (eqs. 6 to 8). */
function placeOf(bin: Bin, y: tf.Tensor2D): tf.Tensor2D {
  const { height, leftSlope, rightSlope } = bin;
  const slope = tf.div(height, bin.width);
  const above = tf.sub(y, bin.bottom);
  const bend = tf.mul(above, tf.sub(tf.add(leftSlope, rightSlope), tf.mul(slope, 2)));
  const a = tf.add(tf.mul(height, tf.sub(slope, leftSlope)), bend);
  const b = tf.sub(tf.mul(height, leftSlope), bend);
  const c = tf.neg(tf.mul(slope, above));
  const discriminant = tf.sub(tf.square(b), tf.mul(tf.mul(a, c), 4));
  return tf.div(tf.mul(c, -2), tf.add(b, tf.sqrt(discriminant)));
}

/**
 * Monotone rational-quadratic splines with linear tails of slope one. Outside of the interval a value is taken to its end, where
 * the spline has value +-bound and log slope 0, and what was taken off is put back.
 *
 * Source: Durkan et al. (2019), arXiv 1906.04032, eqs. 4-8.
 */
export const spline: TransformKind<SplineTransform> = {
  outputs: ({ numBins }) => [
    { name: 'widths', length: numBins },
    { name: 'heights', length: numBins },
    { name: 'slopes', length: numBins - 1 },
  ],
  forward(transform, raw, x) {
    const knots = knotsOf(transform, raw);
    const inside = tf.clipByValue(x, -transform.bound, transform.bound);
    const column = tf.reshape(inside, [-1, 1]) as tf.Tensor2D;
    const bin = binOf(transform, knots, knots.widths, column);
    const { value, logSlope } = quadraticRatio(bin, tf.div(tf.sub(column, bin.left), bin.width));
    return {
      y: tf.add(tf.reshape(value, x.shape), tf.sub(x, inside)),
      logSlope: tf.reshape(logSlope, x.shape),
    };
  },
  inverse(transform, raw, y) {
    const knots = knotsOf(transform, raw);
    const inside = tf.clipByValue(y, -transform.bound, transform.bound);
    const column = tf.reshape(inside, [-1, 1]) as tf.Tensor2D;
    const bin = binOf(transform, knots, knots.heights, column);
    const value = tf.add(bin.left, tf.mul(placeOf(bin, column), bin.width));
    return tf.add(tf.reshape(value, y.shape), tf.sub(y, inside));
  },
};
