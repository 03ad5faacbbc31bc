import { InvalidArgumentError, type Kernels, rfft2 } from '@lensfield/kernels';
import type { MapFeatures } from '../compressor.ts';
import { toPlanes } from './planes.ts';

/** The maps that statistics are measured on. */
export interface MapGeometry {
  readonly kernels: Kernels;
  /** Pixels per side, of the form 2^a 3^b 5^c. */
  readonly mapSize: number;
  readonly numBins: number;
}

/** Numbers that a map's Fourier modes give. */
export interface ModeStatistic {
  readonly numFeatures: number;
  /**
   * @param modes  Unnormalised transforms of all bins on the half plane, [numBins, mapSize, mapSize / 2 + 1], real and imaginary
   *   parts in turn; not to be changed.
   * @param out    Receives `numFeatures` numbers from `offset` on.
   */
  measure(modes: Float32Array, out: Float32Array, offset: number): void;
}

/** A feature function and how many numbers it gives for a map. */
export interface MapStatistics {
  readonly numFeatures: number;
  readonly features: MapFeatures;
}

/**
 * Statistics of noisy maps, side by side in the order given, from one Fourier transform of each map.
 *
 * @example mapStatistics({ kernels, mapSize: 256, numBins: 5 }, bandPowers({ numBands: 20 }), thirdMoments())
 *
 * @throws {InvalidArgumentError} if there is no statistic or one does not suit the maps.
 */
export function mapStatistics(
  geometry: MapGeometry,
  ...statistics: readonly ((geometry: MapGeometry) => ModeStatistic)[]
): MapStatistics {
  requireSome(statistics.length);
  const { kernels, mapSize, numBins } = geometry;
  const parts = statistics.map((statistic) => statistic(geometry));
  const numFeatures = parts.reduce((total, part) => total + part.numFeatures, 0);
  const length = mapSize ** 2 * numBins;
  const planes = kernels.float32(length);
  const modes = kernels.float32(numBins * mapSize * (Math.floor(mapSize / 2) + 1) * 2);
  return {
    numFeatures,
    features(maps, numMaps) {
      const out = new Float32Array(numMaps * numFeatures);
      for (let i = 0, offset = 0; i < numMaps; i++) {
        toPlanes(maps.subarray(i * length, (i + 1) * length), numBins, planes);
        rfft2(kernels, planes, modes, { batch: numBins, rows: mapSize, columns: mapSize });
        for (const part of parts) {
          part.measure(modes, out, offset);
          offset += part.numFeatures;
        }
      }
      return out;
    },
  };
}

function requireSome(numStatistics: number): void {
  if (numStatistics > 0) return;
  throw new InvalidArgumentError(
    'statistics',
    'compressors.mapStatistics: statistics must hold at least one; got none. Give bandPowers() or thirdMoments().',
  );
}
