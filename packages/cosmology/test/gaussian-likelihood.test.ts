import { inverse, keyOf, normalFloat64 } from '@lensfield/kernels';
import { largestRelativeDifference } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import { createGaussianLikelihood, gaussianCovariance } from '../src/index.ts';

const numBands = 2;
/** Pairs (0, 0), (0, 1), (1, 1) in two bands, of the size of convergence spectra. */
const expected = Float64Array.of(4, 3, 1.5, 1, 2, 1.2).map((c) => 1e-10 * c);
const covariance = gaussianCovariance(expected, { numModes: [20, 90], noise: [1e-10, 0.5e-10] });
const noise = normalFloat64(keyOf(3), 6);
const measured = expected.map((c, i) => c * (1 + 0.2 * noise[i]));
const likelihood = createGaussianLikelihood(measured, covariance);

/** The covariance of all six spectra in the order [pairs, bands], inverted as a whole. */
function densePrecision(): Float64Array {
  const dense = new Float64Array(36);
  for (let band = 0; band < numBands; band++)
    for (let p = 0; p < 3; p++)
      for (let q = 0; q < 3; q++)
        dense[(p * numBands + band) * 6 + q * numBands + band] = covariance[(band * 3 + p) * 3 + q];
  return inverse(dense, 6);
}

describe('createGaussianLikelihood', () => {
  it('is the quadratic form of the whole covariance', () => {
    const precision = densePrecision();
    let chiSquare = 0;
    for (let a = 0; a < 6; a++)
      for (let b = 0; b < 6; b++)
        chiSquare += (measured[a] - expected[a]) * precision[a * 6 + b] * (measured[b] - expected[b]);
    // Condition of a band's covariance times rounding.
    expect(likelihood.logLikelihood(expected) / (-0.5 * chiSquare)).toBeCloseTo(1, 11);
  });

  it('has the gradient of its values', () => {
    const gradient = new Float64Array(6);
    likelihood.logLikelihood(expected, gradient);
    // Quadratic, so that central differences are exact but for rounding.
    const differences = expected.map((c, i) => {
      const [up, down] = [1.01, 0.99].map((f) => likelihood.logLikelihood(expected.with(i, f * c)));
      return (up - down) / (0.02 * c);
    });
    expect(largestRelativeDifference(gradient, differences)).toBeLessThan(1e-9);
  });

  it('refuses shapes that do not fit', () => {
    expect(() => createGaussianLikelihood(measured, covariance.subarray(1))).toThrow(
      'covariance must have numBands x numPairs x numPairs entries for 6 spectra [numPairs, numBands]; got 17.',
    );
  });
});
