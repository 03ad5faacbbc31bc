import type { NdArray } from '@lensfield/contracts';
import {
  createFlow,
  type Flow,
  type FlowArchitecture,
  type FlowParameters,
  type StandardisationKind,
  trainFlow,
} from '@lensfield/flows';
import type { TrainingOptions } from '@lensfield/tensors';
import { type EnsembleProgress, type EnsembleResult, type EnsembleState, trainEnsemble } from './ensemble.ts';
import type { EstimationOptions } from './estimation-options.ts';

/** What estimators that train a flow take besides. */
export interface FlowEstimationOptions extends EstimationOptions<EnsembleState<FlowParameters>> {
  /** The flow by name, with its options; sizes follow from prior and summaries. Default: `{ kind: 'affine' }`. */
  readonly flow?: FlowArchitecture;
  readonly training?: Omit<TrainingOptions, 'key' | 'signal' | 'resume'> & {
    readonly validationFraction?: number;
    readonly standardisation?: StandardisationKind;
  };
}

/** What a flow is to give the density of, and given what: shapes [n, dimension] and [n, contextDimension]. */
export interface FlowPairs {
  readonly y: NdArray<Float32Array>;
  readonly context: NdArray<Float32Array>;
}

/** The flow for pairs of these sizes. */
export function flowFor({ flow }: Pick<FlowEstimationOptions, 'flow'>, { y, context }: FlowPairs): Flow {
  return createFlow({ ...flow, dimension: y.shape[1], contextDimension: context.shape[1] });
}

/** Trains an ensemble of one flow on pairs by maximum likelihood. */
export function trainFlowEnsemble(
  where: string,
  options: FlowEstimationOptions,
  flow: Flow,
  pairs: FlowPairs,
): AsyncGenerator<EnsembleProgress<FlowParameters>, EnsembleResult<FlowParameters>> {
  return trainEnsemble(where, options, (key, resume) =>
    trainFlow({
      ...options.training,
      ...pairs,
      flow,
      key,
      ...(options.signal && { signal: options.signal }),
      ...(resume && { resume }),
    }),
  );
}
