import type { Key } from '@lensfield/contracts';
import { foldIn, permutation, splitKey } from '@lensfield/kernels';
import type { MatrixProduct } from './_matrix-product.ts';
import {
  backward,
  forward,
  initNetwork,
  type Network,
  networkOver,
  type Workspace,
  workspaceFor,
} from './_network.ts';

/** Rows of points with a label of 0 or 1 each. */
export interface LabelledPoints {
  readonly points: Float32Array;
  readonly labels: Uint8Array;
  readonly dimension: number;
}

/** The settings of scikit-learn's MLPClassifier, with which the published numbers were made. */
export interface TrainingSettings {
  readonly hiddenUnits: readonly number[];
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly tolerance: number;
  readonly patience: number;
  readonly maxEpochs: number;
}

/** Trains until the loss of an epoch has not fallen by `tolerance` below the best for more than `patience` epochs. */
export function trainNetwork(
  key: Key,
  data: LabelledPoints,
  settings: TrainingSettings,
  product: MatrixProduct,
): { network: Network; numEpochs: number } {
  const widths = [data.dimension, ...settings.hiddenUnits, 1];
  const [initKey, shuffleKey] = splitKey(key, 2);
  const network = initNetwork(initKey, widths);
  const gradient = networkOver(new Float32Array(network.parameters.length), widths);
  const work = workspaceFor(widths, settings.batchSize);
  const adam = adamFor(network.parameters, settings.learningRate);
  const numRows = data.labels.length;
  let best = Number.POSITIVE_INFINITY;
  let numWithoutGain = 0;
  let numEpochs = 0;
  while (numEpochs < settings.maxEpochs && numWithoutGain <= settings.patience) {
    const order = permutation(foldIn(shuffleKey, numEpochs++), numRows);
    let loss = 0;
    for (let start = 0; start < numRows; start += settings.batchSize) {
      const rows = order.subarray(start, start + settings.batchSize);
      loss +=
        rows.length * lossAndGradient(network, gradient, data, rows, work, settings.weightDecay, product);
      adam(gradient.parameters);
    }
    loss /= numRows;
    numWithoutGain = loss > best - settings.tolerance ? numWithoutGain + 1 : 0;
    best = Math.min(best, loss);
  }
  return { network, numEpochs };
}

/** Mean cross-entropy of a batch plus the weight decay, and its gradient. */
export function lossAndGradient(
  network: Network,
  gradient: Network,
  data: LabelledPoints,
  rows: Int32Array,
  work: Workspace,
  weightDecay: number,
  product: MatrixProduct,
): number {
  gatherRows(data, rows, work);
  const logits = forward(network, work, rows.length, product);
  const byLogit = work.derivatives[network.layers.length];
  let loss = 0;
  for (let i = 0; i < rows.length; i++) {
    const label = data.labels[rows[i]];
    const signed = label ? -logits[i] : logits[i];
    // log(1 + exp(s)) without overflow.
    loss += Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
    byLogit[i] = (1 / (1 + Math.exp(-logits[i])) - label) / rows.length;
  }
  backward(network, gradient, work, rows.length, product);
  let squares = 0;
  for (const [l, { weights }] of network.layers.entries()) {
    const byWeights = gradient.layers[l].weights;
    for (let i = 0; i < weights.length; i++) {
      squares += weights[i] ** 2;
      byWeights[i] += (weightDecay / rows.length) * weights[i];
    }
  }
  return (loss + (weightDecay / 2) * squares) / rows.length;
}

/** Share of rows whose label the sign of the logit tells. */
export function accuracyOf(
  network: Network,
  data: LabelledPoints,
  batchSize: number,
  product: MatrixProduct,
): number {
  const widths = [data.dimension, ...network.layers.map((layer) => layer.outputs)];
  const work = workspaceFor(widths, batchSize);
  const all = Int32Array.from(data.labels, (_, i) => i);
  let numRight = 0;
  for (let start = 0; start < all.length; start += batchSize) {
    const rows = all.subarray(start, start + batchSize);
    gatherRows(data, rows, work);
    const logits = forward(network, work, rows.length, product);
    for (let i = 0; i < rows.length; i++) if (logits[i] > 0 === (data.labels[rows[i]] === 1)) numRight++;
  }
  return numRight / all.length;
}

function gatherRows({ points, dimension }: LabelledPoints, rows: Int32Array, work: Workspace): void {
  const input = work.activations[0];
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < dimension; j++) input[i * dimension + j] = points[rows[i] * dimension + j];
  }
}

/** Adam (Kingma & Ba 2015) with the usual constants; each call changes the parameters in place. */
function adamFor(parameters: Float32Array, learningRate: number): (gradient: Float32Array) => void {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const mean = new Float64Array(parameters.length);
  const square = new Float64Array(parameters.length);
  let numSteps = 0;
  return (gradient) => {
    numSteps++;
    const rate = (learningRate * Math.sqrt(1 - beta2 ** numSteps)) / (1 - beta1 ** numSteps);
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i];
      mean[i] = beta1 * mean[i] + (1 - beta1) * g;
      square[i] = beta2 * square[i] + (1 - beta2) * g * g;
      parameters[i] -= (rate * mean[i]) / (Math.sqrt(square[i]) + epsilon);
    }
  };
}
