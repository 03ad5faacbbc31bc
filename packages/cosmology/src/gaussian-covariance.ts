import { InvalidArgumentError } from '@lensfield/kernels';
import { binPairs } from './spectra-projection.ts';

interface Noise {
  /** Noise power of each bin, shape [numBins]; see {@link shapeNoisePower}. */
  readonly noise: ArrayLike<number>;
}

/** Bands of a part of the sphere, which hold (2 ell + 1) bandWidth fSky modes. */
interface SkyBands {
  /** Multipole of each band, shape [numBands]. */
  readonly ell: ArrayLike<number>;
  /** Width of each band in multipoles, shape [numBands]; default 1. */
  readonly bandWidth?: ArrayLike<number>;
  /** Fraction of the sky, in (0, 1]. */
  readonly fSky: number;
}

/** Bands of a map, with their modes counted: as above on average, and exact where the modes are few or in the corners. */
interface CountedBands {
  /** Real modes of each band, shape [numBands]. */
  readonly numModes: ArrayLike<number>;
}

export type GaussianCovarianceOptions = Noise & (SkyBands | CountedBands);

function refuse(argument: string, rule: string, value: unknown): never {
  throw new InvalidArgumentError(
    argument,
    `cosmology.gaussianCovariance: ${argument} must ${rule}; got ${value}. Give one entry for each bin or band.`,
  );
}

/** Power of shape noise, sigma_e^2 per density of galaxies in 1/steradian. `sigmaE` is per component. */
export function shapeNoisePower({
  sigmaE,
  galaxiesPerArcmin2,
}: {
  readonly sigmaE: number;
  readonly galaxiesPerArcmin2: number;
}): number {
  const galaxiesPerSteradian = galaxiesPerArcmin2 * ((180 * 60) / Math.PI) ** 2;
  return (sigmaE * sigmaE) / galaxiesPerSteradian;
}

/** Modes of each band, checked. */
function modesOf(options: GaussianCovarianceOptions): Float64Array {
  if ('numModes' in options) {
    const numModes = Float64Array.from(options.numModes);
    const wrong = numModes.find((n) => !(n > 0 && n < Infinity));
    if (wrong !== undefined) refuse('numModes', 'be positive', wrong);
    return numModes;
  }
  const { ell, bandWidth, fSky } = options;
  if (!(fSky > 0 && fSky <= 1)) refuse('fSky', 'lie in (0, 1]', fSky);
  if (bandWidth && bandWidth.length !== ell.length) refuse('bandWidth', 'match ell', bandWidth.length);
  return Float64Array.from(ell, (l, band) => {
    const width = bandWidth ? bandWidth[band] : 1;
    if (!(width > 0 && l >= 0)) refuse('bandWidth', 'be positive', width);
    return (2 * l + 1) * width * fSky;
  });
}

/**
 * Covariance of measured auto and cross spectra of Gaussian fields. Bands are independent:
 * Cov(C_ij, C_mn) = [T_im T_jn + T_in T_jm] / modes, T = C + noise on the diagonal, modes = (2 ell + 1) bandWidth fSky or as counted.
 *
 * @param spectra  Without noise, shape [numPairs, numBands], pairs (0, 0), (0, 1), ...
 * @returns        Shape [numBands, numPairs, numPairs].
 * @throws {InvalidArgumentError} if the shapes do not fit, or fSky, a band width, a number of modes or a noise power is out of range.
 *
 * Accuracy: equals the scatter of simulated Gaussian modes (test/gaussian-covariance.test.ts). Source: Takada and Jain (2004).
 */
export function gaussianCovariance(spectra: Float64Array, options: GaussianCovarianceOptions): Float64Array {
  const { noise } = options;
  const modes = modesOf(options);
  const pairs = binPairs(noise.length);
  const [numPairs, numBands] = [pairs.length, modes.length];
  if (spectra.length !== numPairs * numBands) {
    refuse('spectra', `have ${numPairs} pairs times ${numBands} bands`, spectra.length);
  }
  if (!Array.from(noise).every((n) => n >= 0 && n < Infinity))
    refuse('noise', 'be finite, not negative', noise);
  const row = new Int32Array(noise.length ** 2);
  pairs.forEach(([i, j], p) => {
    row[i * noise.length + j] = row[j * noise.length + i] = p;
  });
  const total = (i: number, j: number, band: number) =>
    spectra[row[i * noise.length + j] * numBands + band] + (i === j ? noise[i] : 0);
  const covariance = new Float64Array(numBands * numPairs * numPairs);
  for (let band = 0; band < numBands; band++) {
    pairs.forEach(([i, j], p) => {
      pairs.forEach(([m, n], q) => {
        const sum = total(i, m, band) * total(j, n, band) + total(i, n, band) * total(j, m, band);
        covariance[(band * numPairs + p) * numPairs + q] = sum / modes[band];
      });
    });
  }
  return covariance;
}
