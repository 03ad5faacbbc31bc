import type { Key } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import { type MapShape, mapLength, mapsInMemory } from './maps/map-set.ts';
import type { MapStatistics } from './maps/map-statistics.ts';
import { type NoiseModel, noisyBatches } from './maps/noisy-batch.ts';

export interface FeatureBankOptions {
  readonly statistics: MapStatistics;
  readonly mapShape: MapShape;
  readonly noise: NoiseModel;
  /** Draws of noise and orientation for each map. Default 2. */
  readonly numDraws?: number;
  readonly key: Key;
}

/**
 * Features of noisy maps, measured once as the maps come, so that no map has to be kept: 40 000 maps of 256^2 x 5 pixels are
 * 26 GB even at 16 bits, and their 485 features under two draws of noise 155 MB.
 */
export interface FeatureBank {
  readonly numFeatures: number;
  readonly numDraws: number;
  readonly numMaps: number;
  /**
   * Measures one more noiseless map, [rows, columns, bins].
   *
   * @throws {InvalidArgumentError} if the map is of another size or one of its features is not finite.
   */
  add(map: Float32Array): void;
  /** Features of each row under a draw of its own, [rows, numFeatures]. */
  read(rows: Int32Array, drawOf: (i: number) => number): Float32Array;
}

/** An empty bank; the noise of its i-th map depends on the key and i alone. */
export function createFeatureBank(options: FeatureBankOptions): FeatureBank {
  const { statistics, mapShape, noise, numDraws = 2, key } = options;
  requireDraws(numDraws);
  const { numFeatures } = statistics;
  const length = mapLength(mapShape);
  const waiting = new Float32Array(length);
  const batches = noisyBatches(mapsInMemory(waiting, mapShape), noise);
  const values: Float32Array[] = [];
  return {
    numFeatures,
    numDraws,
    get numMaps() {
      return values.length;
    },
    add(map) {
      requireLength(map, length);
      waiting.set(map);
      const mapKey = foldIn(key, values.length);
      const own = new Float32Array(numDraws * numFeatures);
      for (let draw = 0; draw < numDraws; draw++) {
        const noisy = batches.draw([0], foldIn(mapKey, draw));
        own.set(statistics.features(noisy, 1), draw * numFeatures);
      }
      requireFinite(own, values.length, numFeatures);
      values.push(own);
    },
    read(rows, drawOf) {
      const out = new Float32Array(rows.length * numFeatures);
      rows.forEach((row, i) => {
        const own = values[row];
        const start = drawOf(i) * numFeatures;
        // Number by number: a view of each row would be garbage of every step.
        for (let j = 0; j < numFeatures; j++) out[i * numFeatures + j] = own[start + j];
      });
      return out;
    },
  };
}

const where = 'compressors.createFeatureBank';

function requireDraws(numDraws: number): void {
  if (Number.isInteger(numDraws) && numDraws >= 1) return;
  throw new InvalidArgumentError(
    'numDraws',
    `${where}: numDraws must be a whole number of at least 1; got ${numDraws}.`,
  );
}

function requireLength(map: Float32Array, length: number): void {
  if (map.length === length) return;
  throw new InvalidArgumentError('map', `${where}: a map must hold ${length} values; got ${map.length}.`);
}

function requireFinite(features: Float32Array, map: number, numFeatures: number): void {
  const bad = features.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new InvalidArgumentError(
    'map',
    `${where}: features must be finite; got ${features[bad]} for feature ${bad % numFeatures} of map ${map}. Look for pixels that are not finite.`,
  );
}
