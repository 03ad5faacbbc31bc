import type { Target } from '@lensfield/hmc';
import type { Parity, Survey } from '@lensfield/lognormal';
import { type PriorSpecification, priorOf } from '@lensfield/sbi';
import { type BandPowers, createBandTheory } from './recipes/spectra/band-powers.ts';
import { pickParameters } from './recipes/spectra/map-spectra.ts';
import { createSpectraDensity } from './recipes/spectra/spectra-density.ts';

/** Everything that a chain over the parameters needs to build its density in its own thread: plain data. */
export interface SpectraTargetOptions {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: PriorSpecification;
  readonly measured: BandPowers;
  readonly covariance: Float64Array;
}

/** The posterior of the parameters given a map's spectra as a target of `runChains`. Chains start from prior draws that the spectra allow. */
export function spectraTarget({
  survey,
  parity,
  measured,
  covariance,
  ...options
}: SpectraTargetOptions): Target {
  const theory = createBandTheory(survey, parity, measured.noise);
  const prior = priorOf(options.prior);
  return {
    logDensityAndGradient: createSpectraDensity(theory, measured, prior, covariance),
    dimension: prior.names.length,
    initialPosition: (key) => prior.toUnconstrained(pickParameters(key, { theory, measured }, prior)),
  };
}
