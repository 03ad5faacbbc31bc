import type { Key } from '@lensfield/contracts';
import { blockMetric, type Metric } from '@lensfield/hmc';
import { foldIn, normalFloat64 } from '@lensfield/kernels';
import type { LognormalJointDensity, LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { ObservedMap } from './observed-map.ts';
import { fitParameters, pickParameters, spectraOfMap } from './spectra/map-spectra.ts';

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
  map: ObservedMap,
): Float64Array {
  const theta = pickParameters(key, spectraOfMap(model.survey, model.parity, map), prior);
  return density.positionOf(theta, normalFloat64(foldIn(key, LATENTS), density.numLatents));
}

/** What the map's spectra say before any chain runs; all chains share it. */
export interface ChainGeometry {
  /** Where the Wiener coordinates linearise the model: the most probable parameters given the spectra, [parameters]. */
  readonly linearisedAt: Float64Array;
  /** The covariance that the spectra allow around there in the parameters, and in the latents that of the linear model around zero. */
  readonly metric: Metric;
}

/**
 * The geometry of the chains of one map. Coordinates that were linearised far from the posterior, as in the middle of a wide prior, are as
 * exact but so bent that chains go astray in them (test/chain-geometry.test.ts).
 */
export function chainGeometry(
  key: Key,
  model: LognormalModel,
  prior: JointPrior,
  map: ObservedMap,
): ChainGeometry {
  const fit = fitParameters(key, spectraOfMap(model.survey, model.parity, map), prior);
  const numLatents = map.observation.data.length;
  const metric = blockMetric(fit.parameterCovariance, new Float64Array(numLatents).fill(1));
  const centre = new Float64Array(fit.unconstrained.length + numLatents);
  centre.set(fit.unconstrained);
  return { linearisedAt: fit.theta, metric: { ...metric, reference: { centre, denseSpeed: 1 } } };
}
