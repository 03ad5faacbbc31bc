import type { FloatArray, NdArray } from '@lensfield/contracts';
import { fourierTransform, type Transform } from '../_numerics/fourier.ts';
import { checkMap, mapOfBin } from './_field.ts';
import { forEachMode, modeBands, radians } from './spectrum-bands.ts';

export interface MeasuredSpectra {
  /** Mean ell of the modes of each band, shape [numBands]. */
  readonly ell: Float64Array;
  /** Auto- and cross-spectra, shape [numPairs, numBands], rows (0,0), (0,1), ..., (1,1), ...; dimensionless as C_ell. */
  readonly spectra: NdArray<Float64Array>;
  /** The pair of bins of each row. */
  readonly pairs: readonly (readonly [number, number])[];
  /**
   * Modes of the full plane in each band, shape [numBands]. A mode and its opposite are one complex number, so that the variance of an
   * auto-spectrum of a Gaussian map is 2 C^2 / numModes.
   */
  readonly numModes: Float64Array;
}

/**
 * Auto- and cross-spectra of maps, averaged over the modes of bands of multipoles: |F|^2 side^2 / N^4, so that the mean over maps is the
 * average of C_ell over the modes, with the pixel window if the maps have one.
 *
 * @param map      Shape [N, N, numBins], any N >= 2, periodic edges; the mean of the map does not count.
 * @param options  Side of the map in degrees, and band edges in ell, increasing, each band with at least one mode.
 * @throws {InvalidArgumentError} if the map is not square or has a value that is not finite, or a band is empty.
 *
 * Accuracy: rounding, against NumPy and against single plane waves (test/measured-spectra.test.ts). In float64 throughout.
 */
export function measuredSpectra(
  map: NdArray<FloatArray>,
  { fieldSizeDeg, edges }: { readonly fieldSizeDeg: number; readonly edges: ArrayLike<number> },
): MeasuredSpectra {
  const { mapSize, numBins } = checkMap(map, 'measuredSpectra');
  const modes = modeBands({ mapSize, fieldSizeDeg, edges }, 'measuredSpectra');
  const numBands = modes.numModes.length;
  const transform = fourierTransform(mapSize);
  const fields = Array.from({ length: numBins }, (_, bin) =>
    fieldModes(mapOfBin(map, bin), mapSize, transform),
  );
  const pairs = fields.flatMap((_, i) => fields.slice(i).map((_, offset) => [i, i + offset] as const));
  const normalization = radians(fieldSizeDeg) ** 2 / mapSize ** 4;
  const spectra = new Float64Array(pairs.length * numBands);
  for (const [row, [i, j]] of pairs.entries()) {
    const [a, b] = [fields[i], fields[j]];
    forEachMode(modes, (band, at) => {
      spectra[row * numBands + band] += a[2 * at] * b[2 * at] + a[2 * at + 1] * b[2 * at + 1];
    });
    for (let band = 0; band < numBands; band++) {
      spectra[row * numBands + band] *= normalization / modes.numModes[band];
    }
  }
  return {
    ell: modes.meanEll,
    spectra: { shape: [pairs.length, numBands], data: spectra },
    pairs,
    numModes: modes.numModes,
  };
}

/** The two-dimensional transform of a real map, interleaved complex [N, N]: rows, then columns. */
function fieldModes(map: Float64Array, mapSize: number, transform: Transform): Float64Array {
  const modes = new Float64Array(2 * map.length);
  for (let i = 0; i < map.length; i++) modes[2 * i] = map[i];
  for (let row = 0; row < mapSize; row++)
    transform(modes.subarray(2 * row * mapSize, 2 * (row + 1) * mapSize));
  const column = new Float64Array(2 * mapSize);
  for (let j = 0; j < mapSize; j++) {
    for (let i = 0; i < mapSize; i++) {
      column[2 * i] = modes[2 * (i * mapSize + j)];
      column[2 * i + 1] = modes[2 * (i * mapSize + j) + 1];
    }
    transform(column);
    for (let i = 0; i < mapSize; i++) {
      modes[2 * (i * mapSize + j)] = column[2 * i];
      modes[2 * (i * mapSize + j) + 1] = column[2 * i + 1];
    }
  }
  return modes;
}
