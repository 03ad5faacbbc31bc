import type { FloatArray, NdArray } from '@lensfield/contracts';
import { checkArray, invalid } from '../_argument-checks.ts';

/** Checks maps of shape [N, N, numBins] and returns N and numBins. */
export function checkMap(map: NdArray<FloatArray>, where: string): { mapSize: number; numBins: number } {
  checkArray(map, '[N, N, numBins]', { where, name: 'map' });
  const [rows, columns, numBins] = map.shape;
  if (rows !== columns || rows < 2 || numBins < 1) {
    throw invalid(
      { where, name: 'map' },
      'be square, at least 2 pixels wide, with at least 1 bin',
      `[${map.shape.join(', ')}]`,
    );
  }
  return { mapSize: rows, numBins };
}

/** The map of one bin, row-major [N, N]. */
export function mapOfBin(map: NdArray<FloatArray>, bin: number): Float64Array {
  const [rows, columns, numBins] = map.shape;
  return Float64Array.from({ length: rows * columns }, (_, pixel) => map.data[pixel * numBins + bin]);
}
