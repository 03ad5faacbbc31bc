import { InvalidArgumentError } from '@lensfield/kernels';
import { requireFeatureFunction } from './compressor.ts';
import type { CompressorTrainingOptions } from './compressor-training.ts';
import type { MapTrainingOptions } from './train-compressor.ts';
import type { FeatureTrainingOptions } from './train-on-features.ts';

/** Throws unless maps, noise, features and network fit one another. */
export function requireTrainingMaps(options: MapTrainingOptions): void {
  requireFeatureFunction('trainCompressor', options.network, options.features);
  requireMapShape(options);
  requireNoise(options);
}

/** Throws unless the bank has what the network takes, and the network takes nothing else. */
export function requireBank({ network, bank }: FeatureTrainingOptions): void {
  if (network.channels.length === 0 && network.numFeatures === bank.numFeatures) return;
  throw new InvalidArgumentError(
    'network',
    `compressors.trainOnFeatures: network must have no convolutions and the bank's ${bank.numFeatures} features; got ${network.channels.length} convolutions and ${network.numFeatures} features.`,
  );
}

function requireMapShape({ network, maps }: MapTrainingOptions): void {
  const expected = [network.mapSize, network.mapSize, network.numBins];
  if (maps.mapShape.join() === expected.join()) return;
  throw new InvalidArgumentError(
    'maps',
    `compressors.trainCompressor: maps must have shape [${expected.join(', ')}]; got [${maps.mapShape.join(', ')}].`,
  );
}

/** Throws unless there is a finite target for each map, and one for each summary where the loss compares them. */
export function requireTargets(
  where: 'trainCompressor' | 'trainOnFeatures',
  { network, targets, loss }: CompressorTrainingOptions,
  numMaps: number,
): void {
  if (targets.shape.length !== 2 || targets.shape[0] !== numMaps) {
    throw new InvalidArgumentError(
      'targets',
      `compressors.${where}: targets must have shape [${numMaps}, numTargets]; got [${targets.shape.join(', ')}].`,
    );
  }
  if (loss.kind === 'mse' && targets.shape[1] !== network.numSummaries) {
    throw new InvalidArgumentError(
      'targets',
      `compressors.${where}: targets must be as many as summaries for the loss mse; got ${targets.shape[1]} for ${network.numSummaries}.`,
    );
  }
  const bad = targets.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'targets',
      `compressors.${where}: targets must be finite; got ${targets.data[bad]} in row ${Math.floor(bad / targets.shape[1])}.`,
    );
  }
}

function requireNoise({ network, noise: { noiseSd }, inputSd = noiseSd }: MapTrainingOptions): void {
  if (noiseSd.length !== network.numBins || !noiseSd.every((sd) => sd >= 0 && Number.isFinite(sd))) {
    throw new InvalidArgumentError(
      'noiseSd',
      `compressors.trainCompressor: noiseSd must hold ${network.numBins} finite values of at least 0; got [${noiseSd.join(', ')}].`,
    );
  }
  if (inputSd.length !== network.numBins || !inputSd.every((sd) => sd > 0 && Number.isFinite(sd))) {
    throw new InvalidArgumentError(
      'inputSd',
      `compressors.trainCompressor: inputSd must hold ${network.numBins} values above 0; got [${inputSd.join(', ')}]. Give it where there is no noise.`,
    );
  }
}
