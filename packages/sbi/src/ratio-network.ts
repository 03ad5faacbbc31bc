import type { Key, NdArray } from '@lensfield/contracts';
import { type Standardisation, standardisationLogDet, standardise, toStandard } from '@lensfield/flows';
import { foldIn, InvalidArgumentError, normal } from '@lensfield/kernels';
import { type ParameterTree, type TensorTree, tf } from '@lensfield/tensors';

export interface RatioNetworkOptions {
  /** Width of each hidden layer. Default [128, 128]. */
  readonly hiddenUnits?: readonly number[];
}

/** The architecture of a network for log ratios: plain data, without its weights. */
export interface RatioNetwork {
  /** Length of u. */
  readonly dimension: number;
  readonly numSummaries: number;
  readonly hiddenUnits: readonly number[];
}

/** Where a ratio starts: the ratio of the best linear-Gaussian model, or one. */
export type RatioStandardisation = 'regression' | 'diagonal';

/** A network's numbers: trained weights, and what is fixed in front of them. */
export interface RatioParameters {
  readonly weights: ParameterTree;
  /** Of the summaries given u, and of the summaries alone: the two densities of the linear-Gaussian ratio. */
  readonly joint: Standardisation;
  readonly marginal: Standardisation;
  /** 1 where the network adds to the linear-Gaussian ratio, 0 where it stands alone. */
  readonly gaussianShare: number;
}

/** @throws {InvalidArgumentError} if a width is not a positive whole number. */
export function createRatioNetwork(
  dimension: number,
  numSummaries: number,
  { hiddenUnits = [128, 128] }: RatioNetworkOptions = {},
): RatioNetwork {
  const isGood =
    hiddenUnits.length > 0 && hiddenUnits.every((units) => Number.isInteger(units) && units >= 1);
  if (!isGood) {
    throw new InvalidArgumentError(
      'hiddenUnits',
      `sbi.nre: hiddenUnits must name at least one layer of whole width; got [${hiddenUnits.join(', ')}].`,
    );
  }
  return { dimension, numSummaries, hiddenUnits: [...hiddenUnits] };
}

/** Size of the last layer's weights relative to the others: the network starts close to zero. */
const OUTPUT_GAIN = 0.01;

/** Weights `weights<k>`, `bias<k>` of each layer, the last to one number. */
export function initRatioNetwork(key: Key, network: RatioNetwork): ParameterTree {
  // u, the summaries and what the linear-Gaussian model leaves of them.
  const inputs = network.dimension + 2 * network.numSummaries;
  const widths = [inputs, ...network.hiddenUnits, 1];
  const weights: Record<string, NdArray<Float32Array>> = {};
  for (let k = 0; k + 1 < widths.length; k++) {
    const [rows, columns] = [widths[k], widths[k + 1]];
    const gain = k + 2 === widths.length ? OUTPUT_GAIN : 1.4;
    const sd = gain / Math.sqrt(rows);
    const data = normal(foldIn(key, k), rows * columns).map((value) => value * sd);
    weights[`weights${k}`] = { shape: [rows, columns], data };
    weights[`bias${k}`] = { shape: [columns], data: new Float32Array(columns) };
  }
  return weights;
}

/** What is fixed in front of a network, from u [n, d] and summaries [n, s]. */
export function ratioStandardisation(
  u: NdArray<Float32Array>,
  summaries: NdArray<Float32Array>,
  kind: RatioStandardisation,
): Omit<RatioParameters, 'weights'> {
  const nothing = { shape: [summaries.shape[0], 0], data: new Float32Array(0) };
  return {
    joint: standardise(summaries, u, 'regression'),
    marginal: standardise(summaries, nothing, 'regression'),
    gaussianShare: kind === 'regression' ? 1 : 0,
  };
}

/**
 * log of p(summaries | u) / p(summaries), up to what the loss leaves open, for rows of both; shape [n].
 *
 * Memory: call it inside `tf.tidy`.
 */
export function logRatioTensor(
  { dimension, numSummaries, hiddenUnits }: RatioNetwork,
  weights: TensorTree,
  { joint, marginal, gaussianShare }: Omit<RatioParameters, 'weights'>,
  u: tf.Tensor2D,
  summaries: tf.Tensor2D,
): tf.Tensor1D {
  const given = toStandard({ dimension: numSummaries, contextDimension: dimension }, joint, summaries, u);
  const alone = toStandard({ dimension: numSummaries, contextDimension: 0 }, marginal, summaries, u);
  let hidden: tf.Tensor2D = tf.concat([u, alone.z, given.z], 1);
  for (let k = 0; k <= hiddenUnits.length; k++) {
    hidden = tf.add(tf.matMul(hidden, weights[`weights${k}`] as tf.Tensor2D), weights[`bias${k}`]!);
    if (k < hiddenUnits.length) hidden = tf.silu(hidden);
  }
  const network = tf.reshape(hidden, [-1]) as tf.Tensor1D;
  if (gaussianShare === 0) return network;
  const gaussian = tf.sub(tf.sum(tf.square(alone.z), 1), tf.sum(tf.square(given.z), 1));
  return tf.add(
    network,
    tf.add(tf.mul(gaussian, 0.5), standardisationLogDet(joint) - standardisationLogDet(marginal)),
  );
}
