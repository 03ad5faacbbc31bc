import type { Key } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { arrayOf, type ParameterTree, tensorsOf, tf } from '@lensfield/tensors';
import { featureTensorValues, type MapFeatures, scaledImages, scaledMaps } from './compressor.ts';
import { type ConvolutionalNetwork, numPooled } from './convolutional-network.ts';
import { initialiseByData } from './data-initialisation.ts';
import { pooledFeatures } from './forward.ts';
import { initNetwork } from './initial-weights.ts';
import type { NoisyBatches } from './maps/noisy-batch.ts';
import type { MeasuredFeatures, TrainingInputs } from './training-inputs.ts';

export interface MapSource {
  readonly network: ConvolutionalNetwork;
  readonly numMaps: number;
  readonly batches: NoisyBatches;
  readonly inputSd: Float32Array;
  readonly features: MapFeatures | undefined;
}

/** Folds of the key of the weights. */
const WEIGHTS = 0;
const SCALING = 4;

/** Maps measured at once, and maps behind the scaling of the convolutions: pixels are many. */
const CHUNK = 32;
const MAX_SCALING_MAPS = 32;

/** Noise and orientation are drawn anew for every step. */
export function mapInputs(source: MapSource): TrainingInputs {
  const { network, numMaps, batches, inputSd, features } = source;
  return {
    numMaps,
    inputSd,
    initialWeights: (rows, key) => scaledWeights(source, rows, key),
    measure: (weights, rows, key) => measuredFeatures(source, weights, rows, key),
    draw({ rows, key }) {
      const maps = batches.draw(rows, key);
      const given = features && featureTensorValues(network, features, maps, rows.length);
      return {
        ...(given && { given: { shape: [rows.length, network.numFeatures], data: given } }),
        ...(network.channels.length > 0 && { images: scaledMaps(network, inputSd, maps, rows.length) }),
      };
    },
    features(weights, { given, images }) {
      const pooled = images && pooledFeatures(network, weights, images as tf.Tensor4D);
      return { ...(pooled && { pooled }), ...(given && { given: given as tf.Tensor2D }) };
    },
  };
}

function scaledWeights({ network, batches, inputSd }: MapSource, rows: Int32Array, key: Key): ParameterTree {
  const weights = initNetwork(foldIn(key, WEIGHTS), network);
  if (network.channels.length === 0) return weights;
  const few = rows.subarray(0, MAX_SCALING_MAPS);
  const maps = batches.draw(few, foldIn(key, SCALING));
  const images = scaledImages(network, inputSd, maps, few.length);
  const initialised = initialiseByData(network, weights, images);
  images.dispose();
  return initialised;
}

function measuredFeatures(
  { network, batches, inputSd, features }: MapSource,
  weights: ParameterTree,
  rows: Int32Array,
  key: Key,
): MeasuredFeatures {
  const width = numPooled(network);
  const pooled = new Float32Array(rows.length * width);
  const given = new Float32Array(rows.length * network.numFeatures);
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.subarray(start, start + CHUNK);
    const maps = batches.draw(chunk, foldIn(key, start));
    if (features) {
      given.set(featureTensorValues(network, features, maps, chunk.length), start * network.numFeatures);
    }
    if (width === 0) continue;
    tf.tidy(() => {
      const images = scaledImages(network, inputSd, maps, chunk.length);
      pooled.set(arrayOf(pooledFeatures(network, tensorsOf(weights), images)!).data, start * width);
    });
  }
  return { rows, pooled, given };
}
