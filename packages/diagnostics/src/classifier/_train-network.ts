import type { Key } from '@lensfield/contracts';
import { adamStep, foldIn, type Kernels, randomBits, splitKey } from '@lensfield/kernels';
import {
  backward,
  drawParameters,
  emptyNetwork,
  firstRows,
  forward,
  type Network,
  type Workspace,
  workspaceFor,
} from './_network.ts';

/** Rows of points with a label of 0 or 1 each. */
export interface LabelledPoints {
  readonly points: Float32Array;
  readonly labels: Uint8Array;
  readonly dimension: number;
}

export interface TrainingSettings {
  readonly hiddenUnits: readonly number[];
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly tolerance: number;
  readonly patience: number;
  readonly maxEpochs: number;
}

/** A trained network. The caller frees it. */
export interface Classifier {
  readonly numEpochs: number;
  /** Of label 1 at points [n, dimension], row by row. */
  logitsAt(points: Float32Array): Float32Array;
  free(): void;
}

/** Trains a network until the loss of an epoch has not fallen by `tolerance` below the best for more than `patience` epochs. */
export function trainClassifier(
  kernels: Kernels,
  key: Key,
  training: LabelledPoints,
  settings: TrainingSettings,
): Classifier {
  const [initKey, shuffleKey] = splitKey(key, 2);
  const network = emptyNetwork(kernels, training.dimension, settings.hiddenUnits);
  const gradient = emptyNetwork(kernels, training.dimension, settings.hiddenUnits);
  const work = workspaceFor(kernels, network, settings.batchSize);
  const parameters = network.parameters;
  const mean = kernels.float32(parameters.length);
  const variance = kernels.float32(parameters.length);
  drawParameters(network, initKey);
  const { learningRate, weightDecay } = settings;
  const constants = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
  let step = 0;
  const numEpochs = untilNoGain(settings, (epoch) => {
    const order = shuffled(foldIn(shuffleKey, epoch), training.labels.length);
    return meanOverBatches(order, work, (rows, room) => {
      const loss = lossAndGradient(kernels, network, gradient, training, rows, room, weightDecay);
      adamStep(kernels, gradient.parameters, { parameters, mean, variance }, { ...constants, step: ++step });
      return loss;
    });
  });
  for (const array of [gradient.parameters, mean, variance]) kernels.free(array);
  return {
    numEpochs,
    logitsAt: (points) => logitsAt(kernels, network, work, points),
    free() {
      for (const array of [parameters, ...work.owned]) kernels.free(array);
    },
  };
}

function logitsAt(kernels: Kernels, network: Network, work: Workspace, points: Float32Array): Float32Array {
  const dimension = network.layers[0].rows - 1;
  const logits = new Float32Array(points.length / dimension);
  for (let start = 0; start < logits.length; start += work.numRows) {
    const rows = Int32Array.from(
      { length: Math.min(work.numRows, logits.length - start) },
      (_, i) => start + i,
    );
    const room = firstRows(work, rows.length);
    gatherRows({ points, dimension }, rows, room.activations[0]);
    logits.set(forward(kernels, network, room), start);
  }
  return logits;
}

/** Runs epochs, which return their loss, until it stalls; returns their number. */
function untilNoGain(
  { maxEpochs, patience, tolerance }: TrainingSettings,
  runEpoch: (epoch: number) => number,
): number {
  let best = Number.POSITIVE_INFINITY;
  let numWithoutGain = 0;
  for (let epoch = 0; epoch < maxEpochs; epoch++) {
    const loss = runEpoch(epoch);
    numWithoutGain = loss > best - tolerance ? numWithoutGain + 1 : 0;
    best = Math.min(best, loss);
    if (numWithoutGain > patience) return epoch + 1;
  }
  return maxEpochs;
}

function meanOverBatches(
  order: Int32Array,
  work: Workspace,
  visit: (rows: Int32Array, room: Workspace) => number,
): number {
  let sum = 0;
  for (let start = 0; start < order.length; start += work.numRows) {
    const rows = order.subarray(start, start + work.numRows);
    sum += rows.length * visit(rows, firstRows(work, rows.length));
  }
  return sum / order.length;
}

/** Mean cross-entropy of a batch plus the weight decay, and its gradient. */
export function lossAndGradient(
  kernels: Kernels,
  network: Network,
  gradient: Network,
  data: LabelledPoints,
  rows: Int32Array,
  room: Workspace,
  weightDecay: number,
): number {
  gatherRows(data, rows, room.activations[0]);
  const logits = forward(kernels, network, room);
  const byLogit = room.derivatives[network.layers.length];
  let loss = 0;
  for (let i = 0; i < rows.length; i++) {
    const label = data.labels[rows[i]];
    const signed = label ? -logits[i] : logits[i];
    // log(1 + exp(signed)) and the logistic function, from the one exponential that does not overflow.
    const small = Math.exp(-Math.abs(signed));
    loss += Math.max(signed, 0) + Math.log1p(small);
    byLogit[i] = ((logits[i] > 0 ? 1 : small) / (1 + small) - label) / rows.length;
  }
  backward(kernels, network, gradient, room);
  const squares = addWeightDecay(network, gradient, weightDecay / rows.length);
  return (loss + (weightDecay / 2) * squares) / rows.length;
}

/** Adds `rate` times the weights, not the biases, to the gradient; returns the sum of their squares. */
function addWeightDecay(network: Network, gradient: Network, rate: number): number {
  let squares = 0;
  for (let l = 0; l < network.layers.length; l++) {
    const { rows, columns, matrix, isHidden } = network.layers[l];
    const byMatrix = gradient.layers[l].matrix;
    const outputs = isHidden ? columns - 1 : columns;
    for (let row = 0; row < rows - 1; row++) {
      for (let at = row * columns, end = at + outputs; at < end; at++) {
        squares += matrix[at] * matrix[at];
        byMatrix[at] += rate * matrix[at];
      }
    }
  }
  return squares;
}

/** Copies rows of points, each with a 1 behind it. */
function gatherRows(
  { points, dimension }: Pick<LabelledPoints, 'points' | 'dimension'>,
  rows: Int32Array,
  out: Float32Array,
): void {
  let to = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let from = rows[i] * dimension, end = from + dimension; from < end; from++) out[to++] = points[from];
    out[to++] = 1;
  }
}

/** 0 ... n - 1 in random order (Fisher-Yates): a tenth of the time of `permutation`, which sorts. */
function shuffled(key: Key, n: number): Int32Array {
  const bits = randomBits(key, n);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    // The remainder prefers some places by n / 2^32, nothing here.
    const j = bits[i] % (i + 1);
    const swap = order[i];
    order[i] = order[j];
    order[j] = swap;
  }
  return order;
}
