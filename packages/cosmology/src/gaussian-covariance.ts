import { InvalidArgumentError } from '@lensfield/kernels';
import { binPairs } from './spectra-projection.ts';

export interface GaussianCovarianceOptions {
  /** Multipole of each band, shape [numEll]. */
  readonly ell: ArrayLike<number>;
  /** Width of each band in multipoles, shape [numEll]; default 1. */
  readonly bandWidth?: ArrayLike<number>;
  /** Fraction of the sky, in (0, 1]. */
  readonly fSky: number;
  /** Noise power of each bin, shape [numBins]; see {@link shapeNoisePower}. */
  readonly noise: ArrayLike<number>;
}

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

/**
 * Covariance of measured auto and cross spectra of Gaussian fields. Bands are independent:
 * Cov(C_ij, C_mn) = [T_im T_jn + T_in T_jm] / ((2 ell + 1) bandWidth fSky), T = C + noise on the diagonal.
 *
 * @param spectra  Shape [numPairs, numEll], pairs (0, 0), (0, 1), ...
 * @returns        Shape [numEll, numPairs, numPairs].
 * @throws {InvalidArgumentError} if the shapes do not fit, or fSky, a band width or a noise power is out of range.
 *
 * Accuracy: equals the scatter of simulated Gaussian modes (test/gaussian-covariance.test.ts). Source: Takada and Jain (2004).
 */
export function gaussianCovariance(spectra: Float64Array, options: GaussianCovarianceOptions): Float64Array {
  const { ell, bandWidth, fSky, noise } = options;
  const pairs = binPairs(noise.length);
  const numEll = ell.length;
  if (spectra.length !== pairs.length * numEll) {
    refuse('spectra', `have ${pairs.length} pairs times ${numEll} multipoles`, spectra.length);
  }
  if (!(fSky > 0 && fSky <= 1)) refuse('fSky', 'lie in (0, 1]', fSky);
  if (bandWidth && bandWidth.length !== numEll) refuse('bandWidth', 'match ell', bandWidth.length);
  if (!Array.from(noise).every((n) => n >= 0 && n < Infinity))
    refuse('noise', 'be finite, not negative', noise);
  const row = new Map(pairs.map(([i, j], p) => [`${i},${j}`, p]));
  const total = (i: number, j: number, l: number) => {
    const pair = row.get(i <= j ? `${i},${j}` : `${j},${i}`)!;
    return spectra[pair * numEll + l] + (i === j ? noise[i] : 0);
  };
  const covariance = new Float64Array(numEll * pairs.length * pairs.length);
  for (let l = 0; l < numEll; l++) {
    const width = bandWidth ? bandWidth[l] : 1;
    if (!(width > 0 && ell[l] >= 0)) refuse('bandWidth', 'be positive', width);
    const modes = (2 * ell[l] + 1) * width * fSky;
    pairs.forEach(([i, j], p) => {
      pairs.forEach(([m, n], q) => {
        const sum = total(i, m, l) * total(j, n, l) + total(i, n, l) * total(j, m, l);
        covariance[(l * pairs.length + p) * pairs.length + q] = sum / modes;
      });
    });
  }
  return covariance;
}
