import {
  bandPowers,
  createConvolutionalNetwork,
  mapStatistics,
  quantisedMaps,
  trainCompressor,
} from '@lensfield/compressors';
import { type Compression, type CompressionOptions, noiseModel, trainCompression } from './compression.ts';
import { numBandsOf } from './survey-statistics.ts';

const CHANNELS = [32, 64, 64, 128];
const HIDDEN_UNITS = [128];
/** Widest map that goes into the convolutions: finer pixels are averaged first. Band powers see the finest. */
const LARGEST_IMAGE = 128;
const BATCH_SIZE = 32;
/** Epochs without a better validation loss before the end; the noise of each epoch is new, so a few do not tell. */
const PATIENCE = 12;

/**
 * A convolutional network on the maps, which are kept in memory at 16 bits a pixel, with their band powers beside the pooled
 * features: band powers hold what Gaussian fields hold, the convolutions add what they miss.
 *
 * Source of hybrid summaries: Makinen et al. (2024), arXiv 2407.18909.
 */
export function convolutionalCompression(options: CompressionOptions): Compression {
  const { kernels, mapShape, numMaps, prior } = options;
  const [mapSize, , numBins] = mapShape;
  const maps = quantisedMaps(numMaps, mapShape);
  const { features, numFeatures } = mapStatistics(
    { kernels, mapSize, numBins },
    bandPowers({ numBands: numBandsOf(mapSize) }),
  );
  const firstPooling = poolingOf(mapSize);
  const noise = noiseModel(options);
  const network = createConvolutionalNetwork({
    mapSize,
    numBins,
    numSummaries: prior.names.length,
    firstPooling,
    channels: CHANNELS.slice(0, depthOf(mapSize / firstPooling)),
    hiddenUnits: HIDDEN_UNITS,
    numFeatures,
  });
  return {
    add: (map, index) => maps.write(index, map),
    train: (theta) =>
      trainCompression(
        options,
        {
          network,
          features,
          noise,
          start: (training) =>
            trainCompressor({ ...training, maps: { ...maps, numMaps: theta.shape[0]! }, noise, features }),
          training: { batchSize: BATCH_SIZE, patience: PATIENCE },
        },
        theta,
      ),
  };
}

/** Strided convolutions down to about 4 pixels. */
function depthOf(imageSize: number): number {
  return Math.max(1, Math.min(CHANNELS.length, Math.floor(Math.log2(imageSize)) - 2));
}

function poolingOf(mapSize: number): number {
  let pooling = 1;
  while (mapSize / pooling > LARGEST_IMAGE && (mapSize / pooling) % 2 === 0) pooling *= 2;
  return pooling;
}
