import type { Key, NdArray } from '@lensfield/contracts';
import { blockMetric, type Metric } from '@lensfield/hmc';
import { foldIn, isLensfieldError, normalFloat64, uniformFloat64 } from '@lensfield/kernels';
import type { LognormalJointDensity, LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import { spectraCovariance, spectraLikelihood } from './spectra-likelihood.ts';

/** Prior draws of which the spectra pick one. */
const NUM_CANDIDATES = 200;
/** Folds of the key: candidates, the pick, latents. */
const CANDIDATES = 0;
const PICK = 1;
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
  const theta = pickBySpectra(key, spectraLikelihood(model, observation), prior);
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
  const theta = pickBySpectra(key, spectraLikelihood(model, observation), prior);
  const unconstrained = prior.toUnconstrained(theta);
  const covariance = spectraCovariance(model, observation, prior, unconstrained);
  const metric = blockMetric(covariance, new Float64Array(observation.data.length).fill(1));
  const centre = new Float64Array(unconstrained.length + observation.data.length);
  centre.set(unconstrained);
  return { ...metric, reference: { centre, denseSpeed: 1 } };
}

/** One of many prior draws, with probability in proportion to the likelihood of the spectra. */
function pickBySpectra(
  key: Key,
  logLikelihood: (theta: Float64Array) => number,
  prior: JointPrior,
): Float64Array {
  const size = prior.names.length;
  const draws = prior.sample(foldIn(key, CANDIDATES), NUM_CANDIDATES).data;
  const candidates = Array.from({ length: NUM_CANDIDATES }, (_, i) => draws.slice(i * size, (i + 1) * size));
  const values = candidates.map((theta) => finiteOr(-Infinity, () => logLikelihood(prior.complete(theta))));
  const largest = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - largest));
  let left = uniformFloat64(foldIn(key, PICK), 1)[0]! * weights.reduce((sum, w) => sum + w, 0);
  const picked = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return candidates[Math.max(0, picked)]!;
}

/** `value()`, or `otherwise` where the parameters describe no universe. */
function finiteOr(otherwise: number, value: () => number): number {
  try {
    const result = value();
    return Number.isFinite(result) ? result : otherwise;
  } catch (error) {
    if (isLensfieldError(error, 'INVALID_ARGUMENT') || isLensfieldError(error, 'NUMERICAL')) return otherwise;
    throw error;
  }
}
