import { forEachMode, type ModeBands, modeBands, type SpectrumBands } from './spectrum-bands.ts';

/** Multipoles whose weighted spectra are averages over the modes of bands. */
export interface BandQuadrature {
  /** Shape [numBands, 2], ascending in each band and within the range of its modes. */
  readonly ell: Float64Array;
  /** Of each multipole, shape [numBands, 2]; those of a band sum to one. */
  readonly weights: Float64Array;
}

/**
 * Two multipoles per band that stand for all its modes: the Gauss rule of the modes themselves, which averages polynomials up to ell^3
 * exactly. For theory that is dear per multipole, where {@link bandAverages} would evaluate it at every mode.
 *
 * @throws {InvalidArgumentError} as {@link measuredSpectra}.
 *
 * Accuracy: 3e-5 for convergence spectra in bands of 50, 1e-3 in a first band from half to twice the fundamental mode
 * (test/maps.test.ts). Source: Golub and Welsch (1969), for two points in closed form.
 */
export function bandQuadrature(bands: SpectrumBands): BandQuadrature {
  const modes = modeBands(bands, 'bandQuadrature');
  const numBands = modes.numModes.length;
  const ell = new Float64Array(2 * numBands);
  const weights = new Float64Array(2 * numBands);
  const { variance, third } = centralMoments(modes);
  modes.meanEll.forEach((mean, band) => {
    const sd = Math.sqrt(variance[band]);
    const halfSkewness = sd > 0 ? third[band] / sd ** 3 / 2 : 0;
    const reach = Math.hypot(1, halfSkewness);
    ell[2 * band] = mean + sd * (halfSkewness - reach);
    ell[2 * band + 1] = mean + sd * (halfSkewness + reach);
    weights[2 * band] = (1 + halfSkewness / reach) / 2;
    weights[2 * band + 1] = (1 - halfSkewness / reach) / 2;
  });
  return { ell, weights };
}

/** Mean squared and cubed deviation of the multipoles of each band from their mean; zero where all are one. */
function centralMoments(modes: ModeBands): { variance: Float64Array; third: Float64Array } {
  const { meanEll, numModes, fundamental } = modes;
  const variance = new Float64Array(numModes.length);
  const third = new Float64Array(numModes.length);
  forEachMode(modes, (band, _at, squared) => {
    const deviation = fundamental * Math.sqrt(squared) - meanEll[band];
    variance[band] += deviation ** 2 / numModes[band];
    third[band] += deviation ** 3 / numModes[band];
  });
  // Rounding of the mean, where every mode has the same multipole.
  const isOne = (band: number) => variance[band] < (1e-10 * meanEll[band]) ** 2;
  return {
    variance: variance.map((value, band) => (isOne(band) ? 0 : value)),
    third,
  };
}
