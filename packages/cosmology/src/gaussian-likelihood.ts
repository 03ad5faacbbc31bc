import { cholesky, choleskySolve, InvalidArgumentError } from '@lensfield/kernels';

/** The log likelihood of measured spectra as a function of those expected, up to a constant. */
export interface GaussianLikelihood {
  /**
   * @param expected  Noise included where it is in what was measured, shape [numPairs, numBands].
   * @param gradient  Where given, receives the derivatives in `expected`.
   */
  logLikelihood(expected: Float64Array, gradient?: Float64Array): number;
  /** Inverse covariance times a vector of spectra, shape [numPairs, numBands]: what a Fisher matrix is made of. */
  weigh(spectra: Float64Array, out: Float64Array): void;
}

/**
 * -r^T Cov^-1 r / 2 of the residual r = measured - expected, with a covariance that does not depend on the parameters.
 *
 * @param measured    Shape [numPairs, numBands].
 * @param covariance  Of each band, as {@link gaussianCovariance} gives it; shape [numBands, numPairs, numPairs].
 * @throws {InvalidArgumentError} if the shapes do not fit.
 * @throws {NumericalError} if the covariance of a band is not positive definite.
 *
 * Accuracy: rounding, against a dense solution; gradient against differences (test/gaussian-likelihood.test.ts).
 */
export function createGaussianLikelihood(
  measured: Float64Array,
  covariance: Float64Array,
): GaussianLikelihood {
  const numPairs = Math.round(covariance.length / measured.length);
  const numBands = measured.length / numPairs;
  if (!Number.isInteger(numBands) || covariance.length !== numBands * numPairs ** 2) {
    throw new InvalidArgumentError(
      'covariance',
      `cosmology.createGaussianLikelihood: covariance must have numBands x numPairs x numPairs entries for ${measured.length} spectra [numPairs, numBands]; got ${covariance.length}.`,
    );
  }
  const precision = inverseOfBands(covariance, numPairs);
  const residual = new Float64Array(measured.length);
  const weighted = new Float64Array(measured.length);

  function weigh(spectra: Float64Array, out: Float64Array): void {
    for (let p = 0; p < numPairs; p++) {
      for (let band = 0; band < numBands; band++) {
        const row = (band * numPairs + p) * numPairs;
        let sum = 0;
        for (let q = 0; q < numPairs; q++) sum += precision[row + q] * spectra[q * numBands + band];
        out[p * numBands + band] = sum;
      }
    }
  }

  return {
    weigh,
    logLikelihood(expected, gradient = weighted) {
      for (let i = 0; i < residual.length; i++) residual[i] = measured[i] - expected[i];
      weigh(residual, gradient);
      let chiSquare = 0;
      for (let i = 0; i < residual.length; i++) chiSquare += residual[i] * gradient[i];
      return -0.5 * chiSquare;
    },
  };
}

function inverseOfBands(covariance: Float64Array, size: number): Float64Array {
  const inverses = new Float64Array(covariance.length);
  for (let start = 0; start < covariance.length; start += size * size) {
    const factor = cholesky(covariance.subarray(start, start + size * size), size);
    for (let column = 0; column < size; column++) {
      const unit = new Float64Array(size);
      unit[column] = 1;
      // Symmetric: a column is a row.
      inverses.set(choleskySolve(factor, unit, size), start + column * size);
    }
  }
  return inverses;
}
