import { tf } from '@lensfield/tensors';
import type { SmoothTransform } from '../flow.ts';
import type { RawOutputs, TransformKind } from './transform.ts';

/** Share of the weights that is spread evenly, so that no weight and no slope is zero. */
const EVEN_SHARE = 1e-2;

/** Smallest slope of a sigmoid relative to the identity's, and so of the tails: draws reach at most twice as far as base points. */
const SMALLEST_SLOPE = 0.5;

/** Safeguarded Newton steps of the inverse: enough where every step is a bisection of the bracket in float32. */
const NUM_ROOT_STEPS = 30;

/** The mixtures of all coordinates of all rows, one a row: [rows, numSigmoids + 1] each, the identity's sigmoid first. */
interface Mixture {
  readonly logWeights: tf.Tensor2D;
  readonly logSlopes: tf.Tensor2D;
  readonly slopes: tf.Tensor2D;
  readonly shifts: tf.Tensor2D;
}

function mixtureOf({ numSigmoids, maxLogSlope }: SmoothTransform, raw: RawOutputs): Mixture {
  const rowsOf = (name: string, length: number) => tf.reshape(raw(name), [-1, length]) as tf.Tensor2D;
  const identityFirst = (of: tf.Tensor2D, value: number) =>
    tf.pad(
      of,
      [
        [0, 0],
        [1, 0],
      ],
      value,
    );
  const shares = tf.mul(tf.softmax(rowsOf('logits', numSigmoids + 1)), 1 - EVEN_SHARE);
  const bounded = tf.mul(tf.tanh(tf.mul(rowsOf('slopes', numSigmoids), 1 / maxLogSlope)), maxLogSlope);
  const steeper = tf.mul(tf.exp(bounded), 1 - SMALLEST_SLOPE);
  const slopes = identityFirst(tf.add(steeper, SMALLEST_SLOPE), 1);
  return {
    logWeights: tf.log(tf.add(shares, EVEN_SHARE / (numSigmoids + 1))),
    logSlopes: tf.log(slopes),
    slopes,
    shifts: identityFirst(rowsOf('shifts', numSigmoids), 0),
  };
}

/**
 * With S(x) = sum_j w_j sigmoid(a_j (x + b_j)), the value is logit S and the slope S' / (S (1 - S)). All three sums are taken as
 * logarithms, so that the tails keep their digits.
 */
function logitOfMixture({ logWeights, logSlopes, slopes, shifts }: Mixture, x: tf.Tensor2D) {
  const places = tf.mul(slopes, tf.add(x, shifts));
  const logBelow = tf.sub(logWeights, tf.softplus(places));
  const logAbove: tf.Tensor2D = tf.add(logBelow, places);
  const below = tf.logSumExp(logBelow, 1, true);
  const above = tf.logSumExp(logAbove, 1, true);
  // log sigmoid(-u) + log sigmoid(u) = u - 2 softplus(u), and log w is in both of the terms: it is taken off once.
  const rising = tf.logSumExp(tf.add(tf.sub(tf.add(logBelow, logAbove), logWeights), logSlopes), 1, true);
  return {
    value: tf.sub(above, below) as tf.Tensor2D,
    logSlope: tf.sub(rising, tf.add(above, below)) as tf.Tensor2D,
  };
}

/** One Newton step from x towards the place where the mixture has value y. */
function newtonStep(mixture: Mixture, x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D {
  const { value, logSlope } = logitOfMixture(mixture, x);
  return tf.sub(x, tf.mul(tf.sub(value, y), tf.exp(tf.neg(logSlope))));
}

/**
 * The root to float32, without gradient. S is a mean of the sigmoids, so the root lies between the smallest and the largest of
 * the places where a single sigmoid has the value; Newton steps that leave the bracket become bisections.
 */
function rootOf(mixture: Mixture, y: tf.Tensor2D): tf.Tensor2D {
  const single = tf.sub(tf.div(y, mixture.slopes), mixture.shifts);
  let low: tf.Tensor2D = tf.min(single, 1, true);
  let high: tf.Tensor2D = tf.max(single, 1, true);
  let x: tf.Tensor2D = tf.mul(tf.add(low, high), 0.5);
  for (let step = 0; step < NUM_ROOT_STEPS; step++) {
    const { value, logSlope } = logitOfMixture(mixture, x);
    const isAbove = tf.greater(value, y);
    low = tf.where(isAbove, low, x);
    high = tf.where(isAbove, x, high);
    const newton: tf.Tensor2D = tf.sub(x, tf.mul(tf.sub(value, y), tf.exp(tf.neg(logSlope))));
    const isInside = tf.logicalAnd(tf.greaterEqual(newton, low), tf.lessEqual(newton, high));
    x = tf.where(isInside, newton, tf.mul(tf.add(low, high), 0.5));
  }
  return tf.stopGradient(x);
}

/**
 * The logit of a mixture of sigmoids of slopes a_j around -b_j and of the sigmoid itself: infinitely differentiable, so that the
 * score is smooth, and onto the whole line.
 *
 * The derivative of the inverse is implicit: the root is found without gradient, and two Newton steps from it are differentiated.
 * A step doubles the order to which the derivatives of its result agree with those of the root: 1, then 3.
 *
 * Source: Koehler et al. (2021), arXiv 2110.00351, section 3 (mixtures of ramps with the identity, root finding with an implicit
 * derivative), with sigmoids as ramps. Differs: on the line, through logit and sigmoid, instead of on an interval.
 */
export const smooth: TransformKind<SmoothTransform> = {
  outputs: ({ numSigmoids }) => [
    { name: 'logits', length: numSigmoids + 1 },
    { name: 'slopes', length: numSigmoids },
    { name: 'shifts', length: numSigmoids },
  ],
  forward(transform, raw, x) {
    const { value, logSlope } = logitOfMixture(
      mixtureOf(transform, raw),
      tf.reshape(x, [-1, 1]) as tf.Tensor2D,
    );
    return { y: tf.reshape(value, x.shape), logSlope: tf.reshape(logSlope, x.shape) };
  },
  inverse(transform, raw, y) {
    const mixture = mixtureOf(transform, raw);
    const column = tf.reshape(y, [-1, 1]) as tf.Tensor2D;
    const root = rootOf(mixture, column);
    return tf.reshape(newtonStep(mixture, newtonStep(mixture, root, column), column), y.shape);
  },
};
