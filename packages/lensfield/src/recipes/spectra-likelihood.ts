import type { NdArray } from '@lensfield/contracts';
import { evenBandEdges, measuredSpectra } from '@lensfield/diagnostics';
import { determinant, linearInterpolant, solve } from '@lensfield/kernels';
import type { LognormalModel } from '@lensfield/lognormal';
import { noisePower } from '../results/map-figures.ts';

/** Bands from the fundamental mode to the Nyquist frequency, and the share of them below the pixel's own scale. */
const MOST_BANDS = 24;
const USED_SHARE = 0.7;

/**
 * The Gaussian (Wishart) log likelihood of a map's auto- and cross-spectra, up to a constant, as a function of all six parameters.
 *
 * With theory taken at the mean ell of a band: good enough for starting points, not for inference.
 */
export function spectraLikelihood(
  model: LognormalModel,
  observation: NdArray<Float32Array>,
): (theta: Float64Array) => number {
  const { mapSize, fieldSizeDeg } = model.survey;
  const edges = evenBandEdges({
    mapSize,
    fieldSizeDeg,
    numBands: Math.min(MOST_BANDS, Math.floor(mapSize / 4)),
  });
  const { ell, spectra, pairs, numModes } = measuredSpectra(observation, { fieldSizeDeg, edges });
  const noise = noisePower(model.survey);
  const size = model.numBins;
  const numUsed = Math.max(1, Math.floor(USED_SHARE * ell.length));
  const measured = Array.from({ length: numUsed }, (_, band) =>
    symmetric(pairs, size, (row) => spectra.data[row * ell.length + band]!),
  );
  return (theta) => {
    const theory = model.spectra(theta);
    const numEll = theory.ell.length;
    const curves = pairs.map((_, row) =>
      linearInterpolant(theory.ell, theory.values.subarray(row * numEll, (row + 1) * numEll)),
    );
    let logLikelihood = 0;
    for (let band = 0; band < numUsed; band++) {
      const expected = symmetric(pairs, size, (row) => curves[row]!(ell[band]!));
      for (let bin = 0; bin < size; bin++) expected[bin * (size + 1)] += noise[bin]!;
      // Real degrees of freedom: a mode and its opposite are one complex number.
      logLikelihood -=
        0.5 *
        numModes[band]! *
        (trace(solve(expected, measured[band]!, size), size) + Math.log(determinant(expected, size)));
    }
    return logLikelihood;
  };
}

function symmetric(
  pairs: readonly (readonly [number, number])[],
  size: number,
  entryOf: (row: number) => number,
): Float64Array {
  const matrix = new Float64Array(size * size);
  pairs.forEach(([i, j], row) => {
    matrix[i * size + j] = entryOf(row);
    matrix[j * size + i] = entryOf(row);
  });
  return matrix;
}

function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * (size + 1)]!;
  return sum;
}
