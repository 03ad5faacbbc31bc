import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, normal } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import { type ConvolutionalNetwork, numPooled } from './convolutional-network.ts';
import { LINEAR_GAIN } from './forward.ts';

/**
 * Random weights: He's variance for layers that an activation follows, zero for the second convolution of a residual block,
 * so that blocks start as the identity.
 *
 * @returns `conv<i>/kernel` [k, k, in, out] and `/bias`; `conv<i>/block<b>/first`, `/firstBias`, `/second`, `/secondBias`;
 *   `dense<i>/weights`, `/bias`; `summary/weights`, `/linear`, `/bias`.
 */
export function initNetwork(key: Key, network: ConvolutionalNetwork): ParameterTree {
  const weights: Record<string, NdArray<Float32Array>> = {};
  let drawn = 0;
  const random = (shape: readonly number[], gain: number): NdArray<Float32Array> => {
    const size = shape.reduce((product, n) => product * n, 1);
    const sd = gain / Math.sqrt(Math.max(1, size / shape[shape.length - 1]));
    return { shape, data: normal(foldIn(key, drawn++), size).map((value) => value * sd) };
  };
  const zeros = (...shape: number[]): NdArray<Float32Array> => ({
    shape,
    data: new Float32Array(shape.reduce((product, n) => product * n, 1)),
  });
  let inputs = network.numBins;
  network.channels.forEach((outputs, i) => {
    weights[`conv${i}/kernel`] = random(
      [network.kernelSize, network.kernelSize, inputs, outputs],
      Math.SQRT2,
    );
    weights[`conv${i}/bias`] = zeros(outputs);
    for (let block = 0; block < network.residualBlocks; block++) {
      weights[`conv${i}/block${block}/first`] = random([3, 3, outputs, outputs], Math.SQRT2);
      weights[`conv${i}/block${block}/firstBias`] = zeros(outputs);
      weights[`conv${i}/block${block}/second`] = zeros(3, 3, outputs, outputs);
      weights[`conv${i}/block${block}/secondBias`] = zeros(outputs);
    }
    inputs = outputs;
  });
  const numInputs = numPooled(network) + network.numFeatures;
  let width = numInputs;
  network.hiddenUnits.forEach((units, i) => {
    weights[`dense${i}/weights`] = random([width, units], Math.SQRT2);
    weights[`dense${i}/bias`] = zeros(units);
    width = units;
  });
  if (network.hiddenUnits.length > 0) weights['summary/weights'] = random([width, network.numSummaries], 0.3);
  weights['summary/linear'] = random([numInputs, network.numSummaries], 0.3 / LINEAR_GAIN);
  weights['summary/bias'] = zeros(network.numSummaries);
  return weights;
}
