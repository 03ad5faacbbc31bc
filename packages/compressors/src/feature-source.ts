import type { Key } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { arrayOf, type ParameterTree, tensorsOf, tf } from '@lensfield/tensors';
import { featureTensorValues, type MapFeatures, scaledImages } from './compressor.ts';
import { type ConvolutionalNetwork, numPooled } from './convolutional-network.ts';
import { pooledFeatures } from './forward.ts';
import type { NoisyBatches } from './maps/noisy-batch.ts';

/** What turns rows into the inputs of the dense layers. */
export interface FeatureSource {
  readonly network: ConvolutionalNetwork;
  readonly batches: NoisyBatches;
  readonly inputSd: Float32Array;
  readonly features: MapFeatures | undefined;
}

/** Features of some training maps, before any standardisation. */
export interface RawFeatures {
  /** [n, numPooled] and [n, numFeatures]; empty where the network has none. */
  readonly pooled: Float32Array;
  readonly given: Float32Array;
}

/** Rows measured at once. */
const CHUNK = 32;

/** Features of noisy maps for a network as it is. */
export function rawFeatures(
  { network, batches, inputSd, features }: FeatureSource,
  weights: ParameterTree,
  rows: Int32Array,
  key: Key,
): RawFeatures {
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
  return { pooled, given };
}
