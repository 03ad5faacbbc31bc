import type { NdArray } from '@lensfield/contracts';
import { solve } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import type { ConvolutionalNetwork } from './convolutional-network.ts';
import { LINEAR_GAIN } from './forward.ts';

/** Added to the unit variances of the features: damps what a few thousand maps do not determine. */
const RIDGE = 0.02;

/**
 * Weights with which the network's linear path is the ridge regression of the targets on its features and its hidden layers
 * add nothing: training starts from the best linear summary instead of looking for it. With fewer targets than summaries the
 * others keep their random weights; with more, the first ones are used.
 *
 * @param features  Standardised features [n, width] of training maps.
 * @param targets   [n, numTargets].
 */
export function regressionStart(
  network: ConvolutionalNetwork,
  weights: ParameterTree,
  features: Float32Array,
  targets: NdArray<Float32Array>,
): ParameterTree {
  const [n, numTargets] = targets.shape;
  const width = features.length / n;
  const gram = products(features, features, n, width, width);
  for (let i = 0; i < width; i++) gram[i * width + i] += RIDGE;
  const mean = new Float64Array(numTargets);
  targets.data.forEach((value, i) => {
    mean[i % numTargets] += value / n;
  });
  const centred = targets.data.map((value, i) => value - mean[i % numTargets]);
  const solution = solve(gram, products(features, centred, n, width, numTargets), width);
  const linear = weights['summary/linear'].data.slice();
  const bias = weights['summary/bias'].data.slice();
  const { numSummaries } = network;
  const used = Math.min(numTargets, numSummaries);
  for (let j = 0; j < used; j++) {
    for (let i = 0; i < width; i++) {
      linear[i * numSummaries + j] = solution[i * numTargets + j] / LINEAR_GAIN;
    }
    bias[j] = mean[j];
  }
  const start: Record<string, NdArray<Float32Array>> = {
    ...weights,
    'summary/linear': { shape: [width, numSummaries], data: linear },
    'summary/bias': { shape: [numSummaries], data: bias },
  };
  const hidden = weights['summary/weights'];
  if (hidden) {
    const data = hidden.data.map((value, i) => (i % numSummaries < used ? 0 : value));
    start['summary/weights'] = { shape: hidden.shape, data };
  }
  return start;
}

/** a^T b / n for a [n, rows] and b [n, columns], in float64. */
function products(a: Float32Array, b: Float32Array, n: number, rows: number, columns: number): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < rows; i++) {
      const value = a[row * rows + i] / n;
      for (let j = 0; j < columns; j++) out[i * columns + j] += value * b[row * columns + j];
    }
  }
  return out;
}
