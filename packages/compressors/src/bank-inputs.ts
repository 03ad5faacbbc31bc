import { foldIn, randomIntegers } from '@lensfield/kernels';
import type { tf } from '@lensfield/tensors';
import type { ConvolutionalNetwork } from './convolutional-network.ts';
import type { FeatureBank } from './feature-bank.ts';
import { initNetwork } from './initial-weights.ts';
import type { TrainingInputs } from './training-inputs.ts';

/** Fold of the key of the weights. */
const WEIGHTS = 0;

/** Each step sees each map under one of the bank's draws, chosen at random. */
export function bankInputs(network: ConvolutionalNetwork, bank: FeatureBank): TrainingInputs {
  const { numDraws, numFeatures } = bank;
  return {
    numMaps: bank.numMaps,
    // Nothing divides a map: the features are all that the network sees.
    inputSd: new Float32Array(network.numBins).fill(1),
    initialWeights: (_, key) => initNetwork(foldIn(key, WEIGHTS), network),
    measure(_, rows) {
      const all = Int32Array.from({ length: rows.length * numDraws }, (__, i) => rows[i % rows.length]);
      const given = bank.read(all, (i) => Math.floor(i / rows.length));
      return { rows: all, pooled: new Float32Array(0), given };
    },
    draw({ rows, key }) {
      const draws = randomIntegers(key, rows.length, { min: 0, max: numDraws });
      return { given: { shape: [rows.length, numFeatures], data: bank.read(rows, (i) => draws[i]) } };
    },
    features: (_, { given }) => ({ given: given as tf.Tensor2D }),
  };
}
