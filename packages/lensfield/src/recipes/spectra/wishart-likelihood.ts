import { binPairs } from '@lensfield/cosmology';
import { determinant, solve } from '@lensfield/kernels';
import type { BandPowers, BandTheory } from './band-powers.ts';

/**
 * The log likelihood of the spectra of Gaussian fields (Wishart), up to a constant, as a function of all six parameters: as exact far from the
 * truth as near it, so that it serves to find where to begin.
 */
export function wishartLikelihood(theory: BandTheory, measured: BandPowers): (theta: Float64Array) => number {
  const { numBins } = theory;
  const numBands = measured.numModes.length;
  const pairs = binPairs(numBins);
  const matrixOf = (spectra: Float64Array, band: number): Float64Array => {
    const matrix = new Float64Array(numBins * numBins);
    pairs.forEach(([i, j], row) => {
      matrix[i * numBins + j] = matrix[j * numBins + i] = spectra[row * numBands + band]!;
    });
    return matrix;
  };
  const observed = Array.from({ length: numBands }, (_, band) => matrixOf(measured.values, band));
  return (theta) => {
    const { values } = theory.evaluate(theta);
    return observed.reduce((sum, powers, band) => {
      const expected = matrixOf(values, band);
      const misfit =
        trace(solve(expected, powers, numBins), numBins) + Math.log(determinant(expected, numBins));
      // A mode and its opposite are one complex number: half of them count.
      return sum - 0.5 * measured.numModes[band]! * misfit;
    }, 0);
  };
}

function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * (size + 1)]!;
  return sum;
}
