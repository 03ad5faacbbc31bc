import { tensorsOf } from '@lensfield/tensors';
import { logRatioTensor, type RatioNetwork, type RatioParameters } from './ratio-network.ts';
import { type SampledEstimator, type SampledEstimatorParts, sampledEstimator } from './sampled-estimator.ts';
import type { EnsembleLikelihood } from './sampling/likelihood-evaluator.ts';

/** What a trained ratio consists of: plain data. */
export interface RatioEstimatorParts extends SampledEstimatorParts {
  readonly network: RatioNetwork;
  /** One set of parameters for each member of the ensemble. */
  readonly members: readonly RatioParameters[];
}

/** log of p(summaries | theta) / p(summaries) by an ensemble, whose log ratio is the mean of theirs, and the posteriors that it gives. */
export interface RatioEstimator extends RatioEstimatorParts, SampledEstimator {}

/** Puts a ratio estimator together from its parts, after training or from a file. */
export function ratioEstimator(parts: RatioEstimatorParts): RatioEstimator {
  const { network, members } = parts;
  const likelihood: EnsembleLikelihood = {
    members: members.map(
      ({ weights, ...fixed }) =>
        (u, summaries) =>
          logRatioTensor(network, tensorsOf(weights), fixed, u, summaries),
    ),
    combination: 'mean',
    dimension: network.dimension,
    numSummaries: network.numSummaries,
  };
  return { ...parts, ...sampledEstimator(parts, likelihood) };
}
