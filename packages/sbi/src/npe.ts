import type { Key } from '@lensfield/contracts';
import {
  createFlow,
  type Flow,
  type FlowArchitecture,
  type FlowParameters,
  type FlowTrainingResult,
  type StandardisationKind,
  trainFlow,
} from '@lensfield/flows';
import { foldIn, InvalidArgumentError, permutation } from '@lensfield/kernels';
import type { EpochRecord, TrainingOptions, TrainingProgress, TrainingState } from '@lensfield/tensors';
import { type Calibration, calibrate } from './calibration.ts';
import type { JointPrior } from './joint-prior.ts';
import { summaryDistribution } from './observation-check.ts';
import { type PosteriorEstimator, posteriorEstimator } from './posterior-estimator.ts';
import {
  type SimulationLedger,
  type SimulationSet,
  type ValidSimulations,
  validSimulations,
} from './simulation-ledger.ts';

export interface NpeOptions extends SimulationSet {
  readonly key: Key;
  readonly prior: JointPrior;
  /** Flows trained from different weights and splits, whose equal mixture is the estimator. Default 1. */
  readonly numMembers?: number;
  /** The flow by name, with its options; sizes follow from prior and summaries. Default: `{ kind: 'affine' }`. */
  readonly flow?: FlowArchitecture;
  readonly training?: Omit<TrainingOptions, 'key' | 'signal' | 'resume'> & {
    readonly validationFraction?: number;
    readonly standardisation?: StandardisationKind;
  };
  /**
   * Simulations for SBC and TARP that took no part in any training, of a compressor neither. Default: `numHeldOut` rows
   * of the given ones are set aside.
   */
  readonly heldOut?: SimulationSet;
  /** Default: a tenth of the simulations, at least 50 and at most 500. */
  readonly numHeldOut?: number;
  readonly signal?: AbortSignal;
  /** A state of an earlier run with the same options: goes on to the same bytes. */
  readonly resume?: NpeState;
}

/** Plain data from which an interrupted training goes on. */
export interface NpeState {
  readonly finished: readonly TrainedMember[];
  readonly current: TrainingState | undefined;
}

/** One trained flow of the ensemble. */
export interface TrainedMember {
  readonly parameters: FlowParameters;
  readonly bestEpoch: number;
  /** Mean of -log q(u | summaries) over its validation rows, in nats. */
  readonly bestValidationLoss: number;
  readonly history: readonly EpochRecord[];
  readonly stopped: FlowTrainingResult['stopped'];
}

export interface NpeProgress extends Omit<TrainingProgress, 'state'> {
  readonly member: number;
  readonly numMembers: number;
  state(): NpeState;
}

export type NpeResult =
  | {
      readonly stopped: 'finished';
      readonly estimator: PosteriorEstimator;
      readonly calibration: Calibration;
      readonly ledger: SimulationLedger;
      readonly members: readonly TrainedMember[];
    }
  | { readonly stopped: 'aborted'; readonly state: NpeState };

/** Folds of the key: rows set aside, members of the ensemble, calibration. */
const HELD_OUT = 0;
const MEMBERS = 1;
const CALIBRATION = 2;

/**
 * Neural posterior estimation: trains q(theta | summaries) on simulations from the prior, and tests it on held-out ones.
 *
 * The flow lives in the prior's unconstrained coordinates, so the posterior cannot leak out of the support. Simulations that
 * are not finite, or that the prior cannot have drawn, are left out and counted in the ledger.
 *
 * @returns An async generator of progress, whose return value has the estimator and its calibration, or, if the signal was
 *   raised, the state to resume from.
 * @throws {InvalidArgumentError} if shapes do not fit or too few simulations are usable.
 *
 * Accuracy: means and widths of a linear-Gaussian posterior within 0.1 sd and 10 % from 4000 simulations (test/npe.test.ts).
 * Source: Papamakarios & Murray (2016), arXiv 1605.06376, with the prior as proposal (their eq. 6).
 */
export async function* npe(options: NpeOptions): AsyncGenerator<NpeProgress, NpeResult> {
  const { prior, key, numMembers = 1 } = options;
  requireMembers(numMembers);
  const valid = validSimulations('sbi.npe', prior, options);
  const { training, heldOut } = setAside(options, valid);
  const flow = createFlow({
    ...options.flow,
    dimension: prior.names.length,
    contextDimension: valid.summaries.shape[1],
  });
  const finished: TrainedMember[] = [...(options.resume?.finished ?? [])];
  let current = options.resume?.current;
  while (finished.length < numMembers) {
    const result = yield* trainMember(options, flow, training, finished, current);
    if (result.stopped === 'aborted') {
      return { stopped: 'aborted', state: { finished, current: result.state } };
    }
    finished.push(memberOf(result));
    current = undefined;
  }
  const estimator = posteriorEstimator({
    prior,
    flow,
    members: finished.map((member) => member.parameters),
    trainingSummaries: summaryDistribution(training.summaries),
  });
  const calibration = calibrate({
    key: foldIn(key, CALIBRATION),
    names: prior.names,
    sampleMany: estimator.sampleMany,
    theta: heldOut.theta,
    summaries: heldOut.summaries,
  });
  return { stopped: 'finished', estimator, calibration, ledger: valid.ledger, members: finished };
}

async function* trainMember(
  options: NpeOptions,
  flow: Flow,
  rows: ValidSimulations,
  finished: readonly TrainedMember[],
  resume: TrainingState | undefined,
): AsyncGenerator<NpeProgress, FlowTrainingResult> {
  const numMembers = options.numMembers ?? 1;
  const member = finished.length;
  const training = trainFlow({
    ...options.training,
    flow,
    y: rows.unconstrained,
    context: rows.summaries,
    key: foldIn(foldIn(options.key, MEMBERS), member),
    ...(options.signal && { signal: options.signal }),
    ...(resume && { resume }),
  });
  const finishedSoFar = [...finished];
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    const state = () => ({ finished: finishedSoFar, current: next.value.state() });
    yield { ...next.value, member, numMembers, state };
  }
}

function memberOf(result: FlowTrainingResult): TrainedMember {
  const { parameters, bestEpoch, bestValidationLoss, history, stopped } = result;
  return { parameters, bestEpoch, bestValidationLoss, history, stopped };
}

/** Separates the rows for calibration, unless they were given. */
function setAside(
  options: NpeOptions,
  valid: ValidSimulations,
): { training: ValidSimulations; heldOut: ValidSimulations } {
  if (options.heldOut) {
    return { training: valid, heldOut: validSimulations('sbi.npe', options.prior, options.heldOut) };
  }
  const n = valid.ledger.numUsed;
  const numHeldOut = options.numHeldOut ?? Math.min(500, Math.max(50, Math.round(n / 10)));
  if (!Number.isInteger(numHeldOut) || numHeldOut < 20 || n - numHeldOut < 20) {
    throw new InvalidArgumentError(
      'numHeldOut',
      `sbi.npe: numHeldOut must be at least 20 and leave 20 of the ${n} usable simulations; got ${numHeldOut}. Simulate more.`,
    );
  }
  const order = permutation(foldIn(options.key, HELD_OUT), n);
  return {
    heldOut: rowsOf(valid, order.subarray(0, numHeldOut)),
    training: rowsOf(valid, order.subarray(numHeldOut)),
  };
}

function rowsOf(valid: ValidSimulations, rows: Int32Array): ValidSimulations {
  return {
    ledger: valid.ledger,
    unconstrained: pick(valid.unconstrained, rows),
    theta: pick(valid.theta, rows),
    summaries: pick(valid.summaries, rows),
  };
}

function pick<T extends Float32Array | Float64Array>(
  array: { readonly shape: readonly number[]; readonly data: T },
  rows: Int32Array,
): { readonly shape: readonly number[]; readonly data: T } {
  const width = array.shape[1];
  const data = array.data.slice(0, rows.length * width) as T;
  rows.forEach((row, i) => {
    data.set(array.data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { shape: [rows.length, width], data };
}

function requireMembers(numMembers: number): void {
  if (Number.isInteger(numMembers) && numMembers >= 1) return;
  throw new InvalidArgumentError(
    'numMembers',
    `sbi.npe: numMembers must be a whole number of at least 1; got ${numMembers}.`,
  );
}
