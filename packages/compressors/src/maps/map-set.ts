import { InvalidArgumentError } from '@lensfield/kernels';

/** [rows, columns, bins] of one map. */
export type MapShape = readonly [rows: number, columns: number, bins: number];

/**
 * Maps that training reads in random order, wherever they lie: in memory, quantised, or on disk. All of one shape, bins
 * last.
 */
export interface MapSet {
  readonly numMaps: number;
  readonly mapShape: MapShape;
  /** Writes map `index` into `out` at `offset`; rows * columns * bins values. */
  read(index: number, out: Float32Array, offset: number): void;
}

/** Values in one map. */
export function mapLength(shape: MapShape): number {
  return shape[0] * shape[1] * shape[2];
}

/**
 * Maps held as one array of shape [n, rows, columns, bins]; the array is not copied.
 *
 * @throws {InvalidArgumentError} if the length is not a whole number of maps.
 */
export function mapsInMemory(data: Float32Array, mapShape: MapShape): MapSet {
  const length = mapLength(mapShape);
  if (data.length === 0 || data.length % length !== 0) {
    throw new InvalidArgumentError(
      'data',
      `compressors.mapsInMemory: data must hold whole maps of ${mapShape.join(' x ')}; got ${data.length} values.`,
    );
  }
  return {
    numMaps: data.length / length,
    mapShape,
    read: (index, out, offset) => out.set(data.subarray(index * length, (index + 1) * length), offset),
  };
}
