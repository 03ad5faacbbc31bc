import { InvalidArgumentError } from '@lensfield/kernels';
import type { MapFeatures } from '../compressor.ts';

/** A feature function and how many numbers it gives for a map. */
export interface MapStatistics {
  readonly numFeatures: number;
  readonly features: MapFeatures;
}

/**
 * Several statistics of the same maps as one, side by side in the order given.
 *
 * @throws {InvalidArgumentError} if there is none.
 */
export function joinStatistics(...parts: readonly MapStatistics[]): MapStatistics {
  if (parts.length === 0) {
    throw new InvalidArgumentError(
      'parts',
      'compressors.joinStatistics: parts must hold at least one statistic; got none.',
    );
  }
  const numFeatures = parts.reduce((total, part) => total + part.numFeatures, 0);
  return {
    numFeatures,
    features(maps, numMaps) {
      const out = new Float32Array(numMaps * numFeatures);
      let offset = 0;
      for (const part of parts) {
        const values = part.features(maps, numMaps);
        const width = part.numFeatures;
        for (let i = 0; i < numMaps; i++) {
          out.set(values.subarray(i * width, (i + 1) * width), i * numFeatures + offset);
        }
        offset += width;
      }
      return out;
    },
  };
}
