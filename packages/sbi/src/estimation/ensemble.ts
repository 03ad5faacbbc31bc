import type { Key } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import type { EpochRecord, TrainingProgress, TrainingResult, TrainingState } from '@lensfield/tensors';
import { type EstimationOptions, MEMBERS } from './estimation-options.ts';

/** One trained network of an ensemble. */
export interface TrainedMember<Parameters> {
  readonly parameters: Parameters;
  readonly bestEpoch: number;
  /** Mean of the loss over its validation rows, in nats. */
  readonly bestValidationLoss: number;
  readonly history: readonly EpochRecord[];
  readonly stopped: TrainingResult['stopped'];
}

/** Plain data from which an interrupted training goes on. */
export interface EnsembleState<Parameters> {
  readonly finished: readonly TrainedMember<Parameters>[];
  readonly current: TrainingState | undefined;
}

export interface EnsembleProgress<Parameters> extends Omit<TrainingProgress, 'state'> {
  readonly member: number;
  readonly numMembers: number;
  state(): EnsembleState<Parameters>;
}

/** What a training of one network ends with. */
export type MemberResult<Parameters> = TrainedMember<Parameters> & { readonly state: TrainingState };

/** Trains one network. */
export type MemberTraining<Parameters> = (
  key: Key,
  resume: TrainingState | undefined,
) => AsyncGenerator<TrainingProgress, MemberResult<Parameters>>;

export type EnsembleResult<Parameters> =
  | { readonly stopped: 'finished'; readonly members: readonly TrainedMember<Parameters>[] }
  | { readonly stopped: 'aborted'; readonly state: EnsembleState<Parameters> };

/** An ensemble that has become an estimator. */
export type TrainedEstimator<Estimator, Parameters> =
  | {
      readonly stopped: 'finished';
      readonly estimator: Estimator;
      readonly members: readonly TrainedMember<Parameters>[];
    }
  | { readonly stopped: 'aborted'; readonly state: EnsembleState<Parameters> };

/** Trains the members one after the other, going on from a state. */
export async function* trainEnsemble<Parameters>(
  where: string,
  options: Pick<EstimationOptions<EnsembleState<Parameters>>, 'key' | 'numMembers' | 'resume'>,
  train: MemberTraining<Parameters>,
): AsyncGenerator<EnsembleProgress<Parameters>, EnsembleResult<Parameters>> {
  const { key, numMembers = 1, resume } = options;
  requireMembers(where, numMembers);
  const finished = [...(resume?.finished ?? [])];
  let current = resume?.current;
  while (finished.length < numMembers) {
    const training = train(foldIn(foldIn(key, MEMBERS), finished.length), current);
    const result = yield* followMember(training, finished.slice(), numMembers);
    if (result.stopped === 'aborted') {
      return { stopped: 'aborted', state: { finished, current: result.state } };
    }
    finished.push(memberOf(result));
    current = undefined;
  }
  return { stopped: 'finished', members: finished };
}

async function* followMember<Parameters>(
  training: AsyncGenerator<TrainingProgress, MemberResult<Parameters>>,
  finished: readonly TrainedMember<Parameters>[],
  numMembers: number,
): AsyncGenerator<EnsembleProgress<Parameters>, MemberResult<Parameters>> {
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    const state = () => ({ finished, current: next.value.state() });
    yield { ...next.value, member: finished.length, numMembers, state };
  }
}

function memberOf<Parameters>(result: MemberResult<Parameters>): TrainedMember<Parameters> {
  const { parameters, bestEpoch, bestValidationLoss, history, stopped } = result;
  return { parameters, bestEpoch, bestValidationLoss, history, stopped };
}

function requireMembers(where: string, numMembers: number): void {
  if (Number.isInteger(numMembers) && numMembers >= 1) return;
  throw new InvalidArgumentError(
    'numMembers',
    `${where}: numMembers must be a whole number of at least 1; got ${numMembers}.`,
  );
}
