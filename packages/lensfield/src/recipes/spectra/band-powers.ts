import { COSMOLOGY_PARAMETERS, gaussianCovariance } from '@lensfield/cosmology';
import { bandQuadrature } from '@lensfield/diagnostics';
import { createSurveySpectra, type Parity, type Survey } from '@lensfield/lognormal';
import type { ObservedMap } from '../observed-map.ts';
import { bandEdgesOf } from './band-edges.ts';
import { type ObservedSpectra, observedSpectra } from './observed-spectra.ts';

/** The auto and cross spectra of a map in bands: all that this analysis knows of it. */
export type BandPowers = Omit<ObservedSpectra, 'pairs'>;

/** What a map measures in the bands of {@link bandEdgesOf}. */
export function bandPowersOf(survey: Survey, map: ObservedMap): BandPowers {
  const { ell, numModes, values, noise } = observedSpectra(survey, map, bandEdgesOf(survey));
  return { ell, numModes, values, noise };
}

/** Expected band powers; arrays are overwritten by the next evaluation. */
export interface BandExpectation {
  /** Noise included, [pairs, bands]. */
  readonly values: Float64Array;
  /** Derivatives in the six parameters, [6, pairs, bands]. */
  readonly jacobian: Float64Array;
}

export interface BandTheory {
  readonly numBins: number;
  /** @param theta  All six parameters; throws where they describe no universe. */
  evaluate(theta: Float64Array): BandExpectation;
  /** Of Gaussian fields with those expected powers and counted modes, [bands, pairs, pairs]. */
  covariance(expected: Float64Array, numModes: Float64Array): Float64Array;
}

/**
 * What the maps of a survey measure on average: Limber spectra averaged over the very modes of each band, plus the power of the noise. The
 * maps have no pixel window, and the log-normal transform keeps the spectra (test/spectra/band-powers.test.ts).
 *
 * @param noise  Power of the noise, [bins].
 */
export function createBandTheory(survey: Survey, parity: Parity, noise: Float64Array): BandTheory {
  const { mapSize, fieldSizeDeg } = survey;
  const { ell, weights } = bandQuadrature({ mapSize, fieldSizeDeg, edges: bandEdgesOf(survey) });
  const engine = createSurveySpectra(survey, { parity, ell });
  const numBands = ell.length / 2;
  const noisePower = engine.pairs.map(([i, j]) => (i === j ? noise[i]! : 0));
  const size = engine.pairs.length * numBands;
  const values = new Float64Array(size);
  const jacobian = new Float64Array(COSMOLOGY_PARAMETERS.length * size);

  /** Pairs of neighbours to their weighted sums; bands run fastest in both arrays. */
  function average(points: Float64Array, out: Float64Array): void {
    for (let i = 0; i < out.length; i++) {
      const at = 2 * (i % numBands);
      out[i] = weights[at]! * points[2 * i]! + weights[at + 1]! * points[2 * i + 1]!;
    }
  }

  return {
    numBins: noise.length,
    evaluate(theta) {
      const { spectra } = engine.evaluate(theta);
      average(spectra.values, values);
      average(spectra.jacobian, jacobian);
      for (let i = 0; i < size; i++) values[i]! += noisePower[Math.floor(i / numBands)]!;
      return { values, jacobian };
    },
    covariance: (expected, numModes) =>
      // The noise is in the powers already.
      gaussianCovariance(expected, { numModes, noise: new Float64Array(noise.length) }),
  };
}
