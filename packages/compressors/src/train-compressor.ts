import type { TrainingProgress } from '@lensfield/tensors';
import { requireTargets, requireTrainingMaps } from './_training-data-checks.ts';
import type { MapFeatures } from './compressor.ts';
import {
  type CompressorTrainingOptions,
  type CompressorTrainingResult,
  trainOn,
} from './compressor-training.ts';
import { mapInputs } from './map-inputs.ts';
import type { MapSet } from './maps/map-set.ts';
import { type NoiseModel, noisyBatches } from './maps/noisy-batch.ts';

export interface MapTrainingOptions extends CompressorTrainingOptions {
  /** Noiseless maps (or noisy ones, with a noise sd of 0). */
  readonly maps: MapSet;
  readonly noise: NoiseModel;
  /** By which each bin is divided. Default: the noise sd. */
  readonly inputSd?: readonly number[];
  /** Gives the network's `numFeatures` numbers of each noisy map. */
  readonly features?: MapFeatures;
}

/**
 * Trains a compressor with Adam and early stopping; each step draws fresh noise and a random symmetry for every map. It starts
 * from the ridge regression of the targets on the features of the untrained network.
 *
 * @returns An async generator of progress, whose return value has the best parameters and a state that can be resumed to the
 *   same bytes (test/train-compressor.test.ts).
 * @throws {InvalidArgumentError} if shapes do not fit or a target is not finite.
 */
export async function* trainCompressor(
  options: MapTrainingOptions,
): AsyncGenerator<TrainingProgress, CompressorTrainingResult> {
  const { network, maps, noise, features } = options;
  requireTrainingMaps(options);
  requireTargets('trainCompressor', options, maps.numMaps);
  const inputSd = Float32Array.from(options.inputSd ?? noise.noiseSd);
  const batches = noisyBatches(maps, noise);
  return yield* trainOn(mapInputs({ network, numMaps: maps.numMaps, batches, inputSd, features }), options);
}
