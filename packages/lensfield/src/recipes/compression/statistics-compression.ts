import { createConvolutionalNetwork, createFeatureBank, trainOnFeatures } from '@lensfield/compressors';
import { foldIn } from '@lensfield/kernels';
import {
  type Compression,
  type CompressionOptions,
  statisticsNoise,
  trainCompression,
} from './compression.ts';

const HIDDEN_UNITS = [64];
const BATCH_SIZE = 128;
const PATIENCE = 10;
const NUM_DRAWS = 2;
/** Maps behind the regression that training starts from. */
const NUM_START_MAPS = 8192;

/** Folds of the key; training has 0 and 1. */
const NOISE = 2;

/**
 * A dense network on band powers and third moments, measured while the maps are simulated: no map is kept, so the number of
 * simulations is a matter of time alone.
 */
export function statisticsCompression(options: CompressionOptions): Compression {
  const { statistics, mapShape, prior, key } = options;
  const [mapSize, , numBins] = mapShape;
  const noise = statisticsNoise(options);
  const bank = createFeatureBank({
    statistics,
    mapShape,
    noise,
    numDraws: NUM_DRAWS,
    key: foldIn(key, NOISE),
  });
  const network = createConvolutionalNetwork({
    mapSize,
    numBins,
    numSummaries: prior.names.length,
    channels: [],
    hiddenUnits: HIDDEN_UNITS,
    activation: 'silu',
    numFeatures: statistics.numFeatures,
  });
  return {
    add: (map) => bank.add(map),
    train: (theta) =>
      trainCompression(
        options,
        {
          network,
          features: statistics.features,
          noise,
          start: (training) => trainOnFeatures({ ...training, bank }),
          training: { batchSize: BATCH_SIZE, patience: PATIENCE, numStartMaps: NUM_START_MAPS },
        },
        theta,
      ),
  };
}
