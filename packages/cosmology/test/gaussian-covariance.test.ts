import { cholesky, keyOf, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { gaussianCovariance, shapeNoisePower } from '../src/index.ts';

describe('gaussianCovariance', () => {
  const spectra = Float64Array.of(4, 1.5, 2);
  const noise = [1, 0.5];

  it('is the scatter of spectra measured on Gaussian modes', () => {
    const numModes = 2 * 7 + 1;
    const covariance = gaussianCovariance(spectra, { ell: [7], fSky: 1, noise });
    const factor = cholesky(Float64Array.of(5, 1.5, 1.5, 2.5), 2);
    const n = 40000;
    const draws = normalFloat64(keyOf(5), 2 * numModes * n);
    const means = new Float64Array(3);
    const moments = new Float64Array(9);
    for (let k = 0; k < n; k++) {
      const measured = [0, 0, 0];
      for (let m = 0; m < numModes; m++) {
        const at = 2 * (k * numModes + m);
        const a = factor[0] * draws[at];
        const b = factor[2] * draws[at] + factor[3] * draws[at + 1];
        [a * a, a * b, b * b].forEach((x, p) => {
          measured[p] += x / numModes;
        });
      }
      for (let p = 0; p < 3; p++) {
        means[p] += measured[p] / n;
        for (let q = 0; q < 3; q++) moments[3 * p + q] += (measured[p] * measured[q]) / n;
      }
    }
    for (let p = 0; p < 3; p++) {
      for (let q = 0; q < 3; q++) {
        const scatter = moments[3 * p + q] - means[p] * means[q];
        const size = Math.sqrt(covariance[4 * p] * covariance[4 * q]);
        // A covariance from n draws has standard error below sqrt(2 (1 + 6 / modes) / n) of the variances; 5 of them.
        expect(Math.abs(scatter - covariance[3 * p + q])).toBeLessThan(5 * Math.sqrt(2.8 / n) * size);
      }
    }
  });

  it('falls with band width and sky', () => {
    const [one] = gaussianCovariance(spectra, { ell: [7], fSky: 1, noise });
    const [part] = gaussianCovariance(spectra, { ell: [7], fSky: 0.25, bandWidth: [10], noise });
    expect(part / one).toBeCloseTo(0.4, 12);
    expect(one).toBeCloseTo((2 * 5 * 5) / 15, 12);
  });

  it('of counted modes is that of as many modes of the sky', () => {
    const [counted, sky] = [{ numModes: [15] }, { ell: [7], fSky: 1 }].map((modes) =>
      gaussianCovariance(spectra, { ...modes, noise }),
    );
    expect(counted).toEqual(sky);
    expect(() => gaussianCovariance(spectra, { numModes: [0], noise })).toThrow(/numModes must be positive/);
  });

  it('refuses shapes and ranges that do not fit', () => {
    expect(() => gaussianCovariance(spectra, { ell: [7, 8], fSky: 1, noise })).toThrow(/spectra/);
    expect(() => gaussianCovariance(spectra, { ell: [7], fSky: 0, noise })).toThrow(/fSky/);
    expect(() => gaussianCovariance(spectra, { ell: [7], fSky: 1, noise: [1, -1] })).toThrow(/noise/);
    expect(() => gaussianCovariance(spectra, { ell: [7], fSky: 1, noise, bandWidth: [0] })).toThrow(
      /bandWidth/,
    );
  });

  it('has the shape noise of LSST year 10: 0.04774 per pixel of 2.34375 arcmin', () => {
    const power = shapeNoisePower({ sigmaE: 0.26, galaxiesPerArcmin2: 5.4 });
    const pixel = ((2.34375 / 60) * Math.PI) / 180;
    expect(Math.sqrt(power) / pixel).toBeCloseTo(0.04774, 5);
  });
});
