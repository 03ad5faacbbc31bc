import type { NdArray } from '@lensfield/contracts';
import type { FlowParameters } from '@lensfield/flows';
import { InvalidArgumentError } from '@lensfield/kernels';
import { type EstimationResult, trainCertified } from './estimation/certified.ts';
import type {
  EnsembleProgress,
  EnsembleState,
  TrainedEstimator,
  TrainedMember,
} from './estimation/ensemble.ts';
import { type FlowEstimationOptions, flowFor, trainFlowEnsemble } from './estimation/flow-ensemble.ts';
import { type LikelihoodEstimator, likelihoodEstimator } from './likelihood-estimator.ts';
import { summaryDistribution } from './observation-check.ts';
import { linearStart } from './sampling/linear-start.ts';
import type { SamplingOptions } from './sampling/sampling-options.ts';
import type { ValidSimulations } from './simulation-ledger.ts';

export interface NleOptions extends FlowEstimationOptions {
  /** How posteriors are drawn from, for the calibration too. */
  readonly sampling?: SamplingOptions;
}

/** Plain data from which an interrupted training goes on. */
export type NleState = EnsembleState<FlowParameters>;

export type NleProgress = EnsembleProgress<FlowParameters>;

export type NleResult = EstimationResult<LikelihoodEstimator, FlowParameters>;

/** Draws of each held-out simulation: fewer than of a flow, since each takes a trajectory. */
export const CALIBRATION_DRAWS = 100;

/**
 * Neural likelihood estimation: trains q(summaries | theta) on simulations, whose parameters may come from anywhere, and tests the posteriors
 * that it gives under the prior on held-out simulations, which are to come from the prior.
 *
 * @returns An async generator of progress, whose return value has the estimator and its calibration, or, if the signal was
 *   raised, the state to resume from.
 * @throws {InvalidArgumentError} if shapes do not fit, too few simulations are usable, or a summary does not vary.
 *
 * Accuracy: means and widths of a linear-Gaussian posterior within 0.15 sd and 8 % from 4000 simulations (test/nle.test.ts).
 * Source: Papamakarios, Sterratt & Murray (2019), arXiv 1805.07226, one round.
 */
export function nle(options: NleOptions): AsyncGenerator<NleProgress, NleResult> {
  return trainCertified('sbi.nle', options, trainLikelihood, { numDraws: CALIBRATION_DRAWS });
}

/** The estimator alone, trained on the given rows. */
export async function* trainLikelihood(
  where: string,
  options: NleOptions,
  training: ValidSimulations,
): AsyncGenerator<NleProgress, TrainedEstimator<LikelihoodEstimator, FlowParameters>> {
  requireVarying(where, training.summaries);
  const pairs = { y: training.summaries, context: training.unconstrained };
  const trained = yield* trainFlowEnsemble(where, options, flowFor(options, pairs), pairs);
  if (trained.stopped === 'aborted') return trained;
  return { ...trained, estimator: likelihoodFrom(options, training, trained.members) };
}

/** The estimator of members trained on the given rows. */
export function likelihoodFrom(
  options: NleOptions,
  training: ValidSimulations,
  members: readonly TrainedMember<FlowParameters>[],
): LikelihoodEstimator {
  return likelihoodEstimator({
    prior: options.prior,
    flow: flowFor(options, { y: training.summaries, context: training.unconstrained }),
    members: members.map((member) => member.parameters),
    start: linearStart(training.unconstrained, training.summaries),
    trainingSummaries: summaryDistribution(training.summaries),
    ...(options.sampling && { sampling: options.sampling }),
  });
}

/** @throws {InvalidArgumentError} if a summary is the same in all rows. */
export function requireVarying(where: string, { shape, data }: NdArray<Float32Array>): void {
  const [n, width] = shape;
  for (let j = 0; j < width; j++) {
    const varies = Array.from({ length: n }, (_, row) => data[row * width + j]).some((x) => x !== data[j]);
    if (varies) continue;
    throw new InvalidArgumentError(
      'summaries',
      `${where}: summaries must vary; summary ${j} is ${data[j]} in all ${n} rows. Leave it out.`,
    );
  }
}
