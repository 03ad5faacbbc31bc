import type { TrainingProgress } from '@lensfield/tensors';
import { requireBank, requireTargets } from './_training-data-checks.ts';
import { bankInputs } from './bank-inputs.ts';
import {
  type CompressorTrainingOptions,
  type CompressorTrainingResult,
  trainOn,
} from './compressor-training.ts';
import type { FeatureBank } from './feature-bank.ts';

export interface FeatureTrainingOptions extends CompressorTrainingOptions {
  /** The features of every map, for a network without convolutions. */
  readonly bank: FeatureBank;
}

/**
 * Trains a compressor without convolutions on features that were measured before, as {@link trainCompressor} does on maps: a
 * step costs a thousandth of one that draws maps, so many more simulations can be used.
 *
 * @returns As {@link trainCompressor}; `createCompressor` with the bank's statistics makes a function of maps of it.
 * @throws {InvalidArgumentError} if the network has convolutions, or shapes do not fit, or a target is not finite.
 */
export async function* trainOnFeatures(
  options: FeatureTrainingOptions,
): AsyncGenerator<TrainingProgress, CompressorTrainingResult> {
  requireBank(options);
  requireTargets('trainOnFeatures', options, options.bank.numMaps);
  return yield* trainOn(bankInputs(options.network, options.bank), options);
}
