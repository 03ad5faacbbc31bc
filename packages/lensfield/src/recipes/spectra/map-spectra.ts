import type { Key } from '@lensfield/contracts';
import type { Parity, Survey } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { ObservedMap } from '../observed-map.ts';
import { type BandPowers, type BandTheory, bandPowersOf, createBandTheory } from './band-powers.ts';
import { fitSpectra, type SpectraFit } from './spectra-fit.ts';
import { pickBySpectra } from './spectra-pick.ts';
import { wishartLikelihood } from './wishart-likelihood.ts';

/** What a map's spectra say, and what they are compared with. */
export interface MapSpectra {
  readonly theory: BandTheory;
  readonly measured: BandPowers;
}

export function spectraOfMap(survey: Survey, parity: Parity, map: ObservedMap): MapSpectra {
  const measured = bandPowersOf(survey, map);
  return { theory: createBandTheory(survey, parity, measured.noise), measured };
}

/** Parameters that the spectra cannot refuse: a prior draw, picked by their likelihood. */
export function pickParameters(key: Key, { theory, measured }: MapSpectra, prior: JointPrior): Float64Array {
  return pickBySpectra(key, wishartLikelihood(theory, measured), prior);
}

/** The most probable parameters, from such a pick. */
export function fitParameters(key: Key, spectra: MapSpectra, prior: JointPrior): SpectraFit {
  const start = prior.toUnconstrained(pickParameters(key, spectra, prior));
  return fitSpectra(spectra.theory, spectra.measured, prior, start);
}
