import { InvalidArgumentError } from '@lensfield/kernels';
import { requireFeatureFunction } from './compressor.ts';
import type { CompressorTrainingOptions } from './train-compressor.ts';

const where = 'compressors.trainCompressor';

/** Throws unless maps, targets, noise and network fit one another. */
export function requireTrainingData(options: CompressorTrainingOptions): void {
  requireFeatureFunction('trainCompressor', options.network, options.features);
  requireMapShape(options);
  requireTargets(options);
  requireNoise(options);
  requireFeatureDraws(options);
}

function requireFeatureDraws({ network, numFeatureDraws }: CompressorTrainingOptions): void {
  if (numFeatureDraws === undefined) return;
  const isWhole = Number.isInteger(numFeatureDraws) && numFeatureDraws >= 1;
  if (isWhole && network.channels.length === 0) return;
  throw new InvalidArgumentError(
    'numFeatureDraws',
    `${where}: numFeatureDraws must be a whole number of at least 1, for a network without convolutions; got ${numFeatureDraws} with ${network.channels.length} convolutions.`,
  );
}

function requireMapShape({ network, maps }: CompressorTrainingOptions): void {
  const expected = [network.mapSize, network.mapSize, network.numBins];
  if (maps.mapShape.join() === expected.join()) return;
  throw new InvalidArgumentError(
    'maps',
    `${where}: maps must have shape [${expected.join(', ')}]; got [${maps.mapShape.join(', ')}].`,
  );
}

function requireTargets({ network, maps, targets, loss }: CompressorTrainingOptions): void {
  if (targets.shape.length !== 2 || targets.shape[0] !== maps.numMaps) {
    throw new InvalidArgumentError(
      'targets',
      `${where}: targets must have shape [${maps.numMaps}, numTargets]; got [${targets.shape.join(', ')}].`,
    );
  }
  if (loss.kind === 'mse' && targets.shape[1] !== network.numSummaries) {
    throw new InvalidArgumentError(
      'targets',
      `${where}: targets must be as many as summaries for the loss mse; got ${targets.shape[1]} for ${network.numSummaries}.`,
    );
  }
  const bad = targets.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'targets',
      `${where}: targets must be finite; got ${targets.data[bad]} in row ${Math.floor(bad / targets.shape[1])}.`,
    );
  }
}

function requireNoise({ network, noise: { noiseSd }, inputSd = noiseSd }: CompressorTrainingOptions): void {
  if (noiseSd.length !== network.numBins || !noiseSd.every((sd) => sd >= 0 && Number.isFinite(sd))) {
    throw new InvalidArgumentError(
      'noiseSd',
      `${where}: noiseSd must hold ${network.numBins} finite values of at least 0; got [${noiseSd.join(', ')}].`,
    );
  }
  if (inputSd.length !== network.numBins || !inputSd.every((sd) => sd > 0 && Number.isFinite(sd))) {
    throw new InvalidArgumentError(
      'inputSd',
      `${where}: inputSd must hold ${network.numBins} values above 0; got [${inputSd.join(', ')}]. Give it where there is no noise.`,
    );
  }
}
