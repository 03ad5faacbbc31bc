import { InvalidArgumentError } from '@lensfield/kernels';
import type { MapShape } from './map-set.ts';

/**
 * The map on pixels `factor` times wider, each the mean of `factor` x `factor` old ones; the noise sd falls by `factor`.
 *
 * @param map  Shape [rows, columns, bins].
 * @throws {InvalidArgumentError} if `factor` does not divide rows and columns.
 */
export function averagePool(map: Float32Array, mapShape: MapShape, factor: number): Float32Array {
  const [rows, columns, bins] = mapShape;
  if (!Number.isInteger(factor) || factor < 1 || rows % factor !== 0 || columns % factor !== 0) {
    throw new InvalidArgumentError(
      'factor',
      `compressors.averagePool: factor must divide ${rows} and ${columns}; got ${factor}.`,
    );
  }
  const outColumns = columns / factor;
  const out = new Float32Array(map.length / (factor * factor));
  for (let row = 0; row < rows; row++) {
    const outRow = Math.floor(row / factor) * outColumns;
    for (let column = 0; column < columns; column++) {
      const from = (row * columns + column) * bins;
      const to = (outRow + Math.floor(column / factor)) * bins;
      for (let bin = 0; bin < bins; bin++) out[to + bin]! += map[from + bin]!;
    }
  }
  const share = 1 / (factor * factor);
  for (let i = 0; i < out.length; i++) out[i]! *= share;
  return out;
}
