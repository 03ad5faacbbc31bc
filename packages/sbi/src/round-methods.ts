import type { FlowParameters } from '@lensfield/flows';
import { runTraining } from '@lensfield/tensors';
import type { TrainedMember } from './estimation/ensemble.ts';
import { likelihoodFrom, type NleOptions, trainLikelihood } from './nle.ts';
import { type NpeOptions, posteriorFrom, trainPosterior } from './npe.ts';
import { type NreOptions, ratioFrom, trainRatio } from './nre.ts';
import type { ObservedPosterior } from './posterior-estimator.ts';
import type { RatioParameters } from './ratio-network.ts';
import type { SampledPosterior } from './sampled-posterior.ts';
import type { ValidSimulations } from './simulation-ledger.ts';

export type RoundMethod = 'nle' | 'nre' | 'tsnpe';

/** What rounds set themselves. */
type OfRounds = 'key' | 'prior' | 'theta' | 'summaries' | 'heldOut' | 'numHeldOut' | 'signal' | 'resume';

/** Settings of the estimator of each method, as for one round. */
export interface RoundMethods {
  readonly nle?: Omit<NleOptions, OfRounds>;
  readonly nre?: Omit<NreOptions, OfRounds>;
  readonly tsnpe?: Omit<NpeOptions, OfRounds>;
}

/** What every round sets, whatever the method. */
export type RoundSettings = Pick<NleOptions, 'key' | 'prior' | 'theta' | 'summaries' | 'signal'>;

/** Training of a round and the estimator that its members make. */
interface RoundMethodParts {
  /** The members; undefined if the signal stopped it. */
  train(
    settings: RoundSettings,
    methods: RoundMethods,
    rows: ValidSimulations,
  ): Promise<readonly unknown[] | undefined>;
  estimatorFrom(
    settings: RoundSettings,
    methods: RoundMethods,
    rows: ValidSimulations,
    members: readonly unknown[],
  ): { posteriorFor(observation: Float32Array): ObservedPosterior | SampledPosterior };
}

const WHERE = 'sbi.sequential';

export const roundMethods: Readonly<Record<RoundMethod, RoundMethodParts>> = {
  nle: {
    train: async (settings, methods, rows) =>
      membersOf(await runTraining(trainLikelihood(WHERE, { ...methods.nle, ...settings }, rows))),
    estimatorFrom: (settings, methods, rows, members) =>
      likelihoodFrom(
        { ...methods.nle, ...settings },
        rows,
        members as readonly TrainedMember<FlowParameters>[],
      ),
  },
  nre: {
    train: async (settings, methods, rows) =>
      membersOf(await runTraining(trainRatio(WHERE, { ...methods.nre, ...settings }, rows))),
    estimatorFrom: (settings, methods, rows, members) =>
      ratioFrom({ ...methods.nre, ...settings }, rows, members as readonly TrainedMember<RatioParameters>[]),
  },
  tsnpe: {
    train: async (settings, methods, rows) =>
      membersOf(await runTraining(trainPosterior(WHERE, { ...methods.tsnpe, ...settings }, rows))),
    estimatorFrom: (settings, methods, rows, members) =>
      posteriorFrom(
        { ...methods.tsnpe, ...settings },
        rows,
        members as readonly TrainedMember<FlowParameters>[],
      ),
  },
};

function membersOf(
  trained:
    | { readonly stopped: 'finished'; readonly members: readonly unknown[] }
    | { readonly stopped: 'aborted' },
): readonly unknown[] | undefined {
  return trained.stopped === 'finished' ? trained.members : undefined;
}
