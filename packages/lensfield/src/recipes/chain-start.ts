import type { Key, NdArray } from '@lensfield/contracts';
import { blockMetric, type Metric } from '@lensfield/hmc';
import { foldIn, normalFloat64 } from '@lensfield/kernels';
import type { LognormalJointDensity, LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import { bandPowersOf, createBandTheory } from './spectra/band-powers.ts';
import { localPosterior, spectraCovariance } from './spectra/spectra-fit.ts';
import { pickBySpectra } from './spectra/spectra-pick.ts';
import { wishartLikelihood } from './spectra/wishart-likelihood.ts';

/** Fold of the key of the latents; those before it are of the pick. */
const LATENTS = 2;

/**
 * Where a chain starts: parameters that the map's power spectra cannot refuse, and Wiener latents, which fit the map at any parameters. Nothing is
 * known of the truth; chains with different keys start as far apart as the spectra allow.
 */
export function chainStart(
  key: Key,
  model: LognormalModel,
  density: LognormalJointDensity,
  prior: JointPrior,
  observation: NdArray<Float32Array>,
): Float64Array {
  const { theory, measured } = spectraOf(model, observation);
  const theta = pickBySpectra(key, wishartLikelihood(theory, measured), prior);
  return density.positionOf(theta, normalFloat64(foldIn(key, LATENTS), density.numLatents));
}

/**
 * The metric that chains begin with: in the parameters the covariance that the spectra allow around a pick, in the latents that of the
 * linear model around zero. All chains share it, so the pick is one of its own.
 */
export function initialMetric(
  key: Key,
  model: LognormalModel,
  prior: JointPrior,
  observation: NdArray<Float32Array>,
): Metric {
  const { theory, measured } = spectraOf(model, observation);
  const theta = pickBySpectra(key, wishartLikelihood(theory, measured), prior);
  const unconstrained = prior.toUnconstrained(theta);
  const covariance = spectraCovariance(localPosterior(theory, measured, prior, unconstrained));
  const metric = blockMetric(covariance, new Float64Array(observation.data.length).fill(1));
  const centre = new Float64Array(unconstrained.length + observation.data.length);
  centre.set(unconstrained);
  return { ...metric, reference: { centre, denseSpeed: 1 } };
}

/** What the map's spectra say, and what they are compared with. */
function spectraOf({ survey, parity }: LognormalModel, observation: NdArray<Float32Array>) {
  return { theory: createBandTheory(survey, parity), measured: bandPowersOf(survey, observation) };
}
