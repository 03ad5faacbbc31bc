import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { repeatRows } from '@lensfield/tensors';
import { requireContext, thetaOf } from './direct-posterior.ts';
import type { JointPrior } from './joint-prior.ts';
import { checkObservation, observationWarnings, type SummaryDistribution } from './observation-check.ts';
import { requireFiniteSummaries } from './posterior-estimator.ts';
import { type SampledPosterior, sampledPosterior } from './sampled-posterior.ts';
import { chainDraws } from './sampling/chain-draws.ts';
import type { EnsembleLikelihood } from './sampling/likelihood-evaluator.ts';
import type { LinearStart } from './sampling/linear-start.ts';
import { type SamplingOptions, samplingSettings } from './sampling/sampling-options.ts';

/** What estimators of a likelihood or a ratio consist of besides their networks: plain data. */
export interface SampledEstimatorParts {
  readonly prior: JointPrior;
  readonly start: LinearStart;
  readonly trainingSummaries: SummaryDistribution;
  /** How posteriors are drawn from unless told otherwise. */
  readonly sampling?: SamplingOptions;
}

/** Posteriors of any observation, drawn from by a sampler. */
export interface SampledEstimator {
  readonly names: readonly string[];
  /**
   * The posterior of one observation, given by its summaries [numSummaries].
   *
   * @throws {InvalidArgumentError} if a summary is missing or not finite, or the method is unknown.
   */
  posteriorFor(observation: Float32Array, sampling?: SamplingOptions): SampledPosterior;
  /**
   * Parameter draws for many observations, [n, numSummaries] to [n, numDraws, names.length], by chains for all of them at once, two for
   * each: by NUTS, or by the slice sampler if that is the method.
   */
  sampleMany(key: Key, summaries: NdArray<Float32Array>, numDraws: number): NdArray<Float32Array>;
}

/** Chains for each observation. */
const CHAINS = 2;

export function sampledEstimator(
  parts: SampledEstimatorParts,
  likelihood: EnsembleLikelihood,
): SampledEstimator {
  const { prior, start, trainingSummaries } = parts;
  return {
    names: prior.names,
    posteriorFor(observation, sampling = parts.sampling) {
      samplingSettings(sampling);
      requireContext(
        { dimension: prior.names.length, contextDimension: likelihood.numSummaries },
        prior,
        observation,
      );
      const observationCheck = checkObservation(trainingSummaries, observation);
      const warnings = observationWarnings(observationCheck);
      return sampledPosterior({
        prior,
        likelihood,
        start,
        observation,
        observationCheck,
        warnings,
        ...(sampling && { sampling }),
      });
    },
    sampleMany(key, summaries, numDraws) {
      requireFiniteSummaries('sampleMany', summaries);
      const { method, numWarmup } = samplingSettings(parts.sampling);
      const numSamples = Math.ceil(numDraws / CHAINS);
      const draws = chainDraws(foldIn(key, 0), {
        prior,
        likelihood,
        start,
        summaries: repeatRows(summaries, CHAINS),
        method: method === 'slice' ? 'slice' : 'nuts',
        numWarmup,
        numSamples,
      });
      return thetaOf(prior, firstOf(draws.samples, summaries.shape[0], numDraws));
    },
  };
}

/** Draws of chains [n * CHAINS, draws, d] as [n, numDraws, d]. */
function firstOf({ shape, data }: NdArray<Float64Array>, n: number, numDraws: number): NdArray<Float32Array> {
  const size = shape[2];
  const own = data.length / n;
  const out = new Float32Array(n * numDraws * size);
  for (let row = 0; row < n; row++)
    out.set(data.subarray(row * own, row * own + numDraws * size), row * numDraws * size);
  return { shape: [n, numDraws, size], data: out };
}
