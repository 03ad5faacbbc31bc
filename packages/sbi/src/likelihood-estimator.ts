import { type Flow, type FlowParameters, logProbTensor } from '@lensfield/flows';
import { tensorsOf } from '@lensfield/tensors';
import { type SampledEstimator, type SampledEstimatorParts, sampledEstimator } from './sampled-estimator.ts';
import type { EnsembleLikelihood } from './sampling/likelihood-evaluator.ts';

/** What a trained likelihood consists of: plain data. */
export interface LikelihoodEstimatorParts extends SampledEstimatorParts {
  /** Density of the summaries given u. */
  readonly flow: Flow;
  /** One set of parameters for each member of the ensemble. */
  readonly members: readonly FlowParameters[];
}

/** q(summaries | theta) by an ensemble of flows, whose likelihood is the mean of theirs, and the posteriors that it gives. */
export interface LikelihoodEstimator extends LikelihoodEstimatorParts, SampledEstimator {}

/** Puts a likelihood estimator together from its parts, after training or from a file. */
export function likelihoodEstimator(parts: LikelihoodEstimatorParts): LikelihoodEstimator {
  const { flow, members } = parts;
  const likelihood: EnsembleLikelihood = {
    members: members.map(
      ({ weights, standardisation }) =>
        (u, summaries) =>
          logProbTensor(flow, tensorsOf(weights), standardisation, summaries, u),
    ),
    combination: 'mixture',
    dimension: flow.contextDimension,
    numSummaries: flow.dimension,
  };
  return { ...parts, ...sampledEstimator(parts, likelihood) };
}
