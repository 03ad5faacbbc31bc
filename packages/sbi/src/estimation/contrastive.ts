import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError, randomIntegers } from '@lensfield/kernels';
import {
  type Minibatch,
  type ParameterTree,
  pickRows,
  type TensorTree,
  type TrainingProblem,
  tf,
} from '@lensfield/tensors';

/** Shapes [n, d] and [n, s]. */
export interface ContrastPairs {
  readonly u: NdArray<Float32Array>;
  readonly summaries: NdArray<Float32Array>;
}

/** log ratio of rows, [n], from the parameters that are trained. */
export type LogRatio = (parameters: TensorTree, u: tf.Tensor2D, summaries: tf.Tensor2D) => tf.Tensor1D;

/** `nre-b`: which of the atoms belongs to the summaries? `nre-c`: and does any? */
export type ContrastiveLoss = 'nre-b' | 'nre-c';

/**
 * Which rows of a minibatch stand beside each: its own parameters first, then those of others of the minibatch, at distances drawn for the
 * minibatch, all different.
 */
export function contrastInputs(
  { u, summaries }: ContrastPairs,
  { rows, key }: Minibatch,
  numAtoms: number,
): ParameterTree {
  const n = rows.length;
  const distances = differentDistances(key, n, numAtoms);
  const size = numAtoms + 1;
  const atoms = Int32Array.from(
    { length: n * size },
    (_, at) => rows[(Math.floor(at / size) + distances[at % size]) % n],
  );
  const own = Int32Array.from({ length: n * size }, (_, at) => rows[Math.floor(at / size)]);
  return { u: pickRows(u, atoms), summaries: pickRows(summaries, own) };
}

/** 0, and as many different numbers from 1 to n - 1. */
function differentDistances(key: Minibatch['key'], n: number, count: number): number[] {
  const left = Array.from({ length: n - 1 }, (_, i) => i + 1);
  const picks = randomIntegers(key, count, { min: 0, max: 2 ** 30 });
  return [0, ...Array.from(picks, (pick) => left.splice(pick % left.length, 1)[0])];
}

/**
 * The loss of a minibatch of {@link contrastInputs}.
 *
 * Source: Durkan, Murray & Papamakarios (2020), arXiv 2002.03712, eq. 7 (`nre-b`); Miller, Weniger & Forre (2022), arXiv 2210.06170,
 * eqs. 6 to 8 with gamma = 1 (`nre-c`), whose ratios are normalised. Differs: atoms of the two classes of `nre-c` share all but one.
 */
export function contrastiveLoss(kind: ContrastiveLoss, logRatios: tf.Tensor1D, numAtoms: number): tf.Scalar {
  const table = tf.reshape(logRatios, [-1, numAtoms + 1]) as tf.Tensor2D;
  const rows = table.shape[0];
  const own = tf.slice(table, [0, 0], [rows, 1]);
  const joint = tf.slice(table, [0, 0], [rows, numAtoms]);
  if (kind === 'nre-b') return tf.mean(tf.sub(tf.logSumExp(joint, 1, true), own)) as tf.Scalar;
  const others = tf.slice(table, [0, 1], [rows, numAtoms]);
  // Odds of each class over that of no class, 1: K terms of (1/K) exp(log ratio) each.
  const logK = Math.log(numAtoms);
  const total = (logs: tf.Tensor) => tf.softplus(tf.sub(tf.logSumExp(logs, 1, true), logK));
  const ofJoint = tf.sub(tf.add(total(joint), logK), own);
  return tf.mul(tf.mean(tf.add(ofJoint, total(others))), 0.5) as tf.Scalar;
}

export interface ContrastiveOptions {
  readonly pairs: ContrastPairs;
  readonly loss: ContrastiveLoss;
  readonly numAtoms: number;
  readonly trainingRows: Int32Array;
  readonly validationRows: Int32Array;
  readonly logRatio: LogRatio;
}

/** What is minimised: how ill the ratios tell the parameters of a simulation from those of others. */
export function contrastiveProblem(options: ContrastiveOptions): TrainingProblem {
  const { pairs, loss, numAtoms, trainingRows, validationRows, logRatio } = options;
  return {
    trainingRows,
    validationRows,
    inputs: (batch) => contrastInputs(pairs, batch, numAtoms),
    loss: ({ parameters, inputs }) =>
      tf.tidy(() => {
        const ratios = logRatio(parameters, inputs.u as tf.Tensor2D, inputs.summaries as tf.Tensor2D);
        return contrastiveLoss(loss, ratios, numAtoms);
      }),
  };
}

/** @throws {InvalidArgumentError} unless there are enough rows to stand beside each. */
export function checkAtoms(where: string, numAtoms: number, batchSize: number, numValidation: number): void {
  const most = Math.min(batchSize, numValidation) - 1;
  if (Number.isInteger(numAtoms) && numAtoms >= 2 && numAtoms <= most) return;
  throw new InvalidArgumentError(
    'numAtoms',
    `${where}: numAtoms must be a whole number of at least 2 and below batch size and number of validation rows, here at most ${most}; got ${numAtoms}.`,
  );
}
