import type { Key } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { arrayOf, type ParameterTree, tensorsOf, tf } from '@lensfield/tensors';
import { featureTensorValues, type MapFeatures, scaledImages } from './compressor.ts';
import { type ConvolutionalNetwork, numPooled } from './convolutional-network.ts';
import { type FeatureMoments, momentsOf } from './feature-standardisation.ts';
import { pooledFeatures } from './forward.ts';
import type { NoisyBatches } from './maps/noisy-batch.ts';

/** What turns rows into the inputs of the dense layers. */
export interface FeatureSource {
  readonly network: ConvolutionalNetwork;
  readonly batches: NoisyBatches;
  readonly inputSd: Float32Array;
  readonly features: MapFeatures | undefined;
}

/** Rows measured at once. */
const CHUNK = 32;

/** Moments of the given features over noisy training maps. */
export function givenMoments(
  { network, batches, features }: FeatureSource,
  trainingRows: Int32Array,
  key: Key,
  numMaps: number,
): FeatureMoments {
  if (!features) return momentsOf([new Float32Array(0)], 0);
  const values = inChunks(trainingRows, numMaps, key, (rows, chunkKey) =>
    featureTensorValues(network, features, batches.draw(rows, chunkKey), rows.length),
  );
  return momentsOf(values, network.numFeatures);
}

/** Moments of the pooled features of a trained network over noisy training maps. */
export function pooledMoments(
  { network, batches, inputSd }: FeatureSource,
  weights: ParameterTree,
  trainingRows: Int32Array,
  key: Key,
  numMaps: number,
): FeatureMoments {
  if (network.channels.length === 0) return momentsOf([new Float32Array(0)], 0);
  const values = inChunks(trainingRows, numMaps, key, (rows, chunkKey) =>
    tf.tidy(() => {
      const images = scaledImages(network, inputSd, batches.draw(rows, chunkKey), rows.length);
      return arrayOf(pooledFeatures(network, tensorsOf(weights), images)!).data;
    }),
  );
  return momentsOf(values, numPooled(network));
}

function inChunks(
  trainingRows: Int32Array,
  numMaps: number,
  key: Key,
  f: (rows: Int32Array, key: Key) => Float32Array,
): Float32Array[] {
  const rows = trainingRows.subarray(0, numMaps);
  const chunks: Float32Array[] = [];
  for (let start = 0; start < rows.length; start += CHUNK) {
    chunks.push(f(rows.subarray(start, start + CHUNK), foldIn(key, start)));
  }
  return chunks;
}
