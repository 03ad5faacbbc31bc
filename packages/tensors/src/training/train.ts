import { type ParameterTree, parameterTree } from '../parameters.ts';
import type { StepRunner } from './step-runner.ts';
import { runnerFor } from './stepper.ts';
import { settingsOf, type TrainingOptions, type TrainingSettings } from './training-options.ts';
import type { TrainingProblem } from './training-problem.ts';
import { copyOfTrainingState, type EpochRecord, initTraining, type TrainingState } from './training-state.ts';
import { endEpoch, epochOrder, learningRateOf, stepOnce } from './training-step.ts';

export interface TrainingProgress {
  /** Epochs finished. */
  readonly epoch: number;
  readonly maxEpochs: number;
  /** Steps taken, and steps in an epoch. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Mean loss over the present epoch so far, or over the epoch that has just ended. */
  readonly trainLoss: number;
  /** Of the last finished epoch; undefined in the first. */
  readonly validationLoss: number | undefined;
  readonly bestValidationLoss: number;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  readonly isEpochEnd: boolean;
  /** A copy of the state after the last step, for a checkpoint; to be called before the training goes on. */
  state(): TrainingState;
}

export interface TrainingResult {
  /** The parameters with the lowest validation loss. */
  readonly parameters: ParameterTree;
  readonly bestEpoch: number;
  readonly bestValidationLoss: number;
  readonly history: readonly EpochRecord[];
  readonly skippedSteps: number;
  readonly stopped: 'patience' | 'maxEpochs' | 'aborted';
  readonly state: TrainingState;
}

/**
 * Minimises a loss by Adam on minibatches, with early stopping on validation rows; returns the best parameters. A pure
 * function of its arguments: the same bytes on every run, whether or not it was interrupted and resumed
 * (test/training.test.ts). A step whose loss or gradient is not finite is left out and counted.
 *
 * @throws {NumericalError} if ten steps in a row, or a validation loss, are not finite.
 * @throws {UnsupportedError} naming the op, if the loss cannot be compiled and `compile` is not false.
 */
export async function* train(
  problem: TrainingProblem,
  parameters: ParameterTree,
  options: TrainingOptions,
): AsyncGenerator<TrainingProgress, TrainingResult> {
  const settings = settingsOf(problem, options);
  const runner = runnerFor(problem, options.compile);
  try {
    const start = options.resume
      ? copyOfTrainingState(options.resume)
      : initTraining(parameters, problem.initialBuffers);
    return yield* epochs(problem, settings, { runner, signal: options.signal }, runner.adopt(start));
  } finally {
    runner.dispose();
  }
}

interface Execution {
  readonly runner: StepRunner;
  readonly signal: AbortSignal | undefined;
}

async function* epochs(
  problem: TrainingProblem,
  settings: TrainingSettings,
  { runner, signal }: Execution,
  start: TrainingState,
): AsyncGenerator<TrainingProgress, TrainingResult> {
  let state = start;
  const clock = startClock(state, settings);
  while (!isFinished(state, settings)) {
    const order = epochOrder(problem, settings, state.epoch);
    while (state.batch < settings.stepsPerEpoch) {
      if (signal?.aborted) return resultOf(state, 'aborted');
      state = stepOnce(problem, settings, runner, state, order);
      if (Date.now() - clock.lastReport > settings.reportEveryMs && state.batch < settings.stepsPerEpoch) {
        yield progressOf(state, settings, clock, false);
        await breathe(clock);
      }
    }
    state = endEpoch(problem, settings, runner, state);
    yield progressOf(state, settings, clock, true);
    await breathe(clock);
  }
  return resultOf(state, state.epoch >= settings.maxEpochs ? 'maxEpochs' : 'patience');
}

/** Runs a training (or any generator of progress) to its end, handing each report to `onProgress`. */
export async function runTraining<Progress, Result>(
  training: AsyncGenerator<Progress, Result>,
  onProgress?: (progress: Progress) => void,
): Promise<Result> {
  for (;;) {
    const next = await training.next();
    if (next.done) return next.value;
    onProgress?.(next.value);
  }
}

function isFinished(state: TrainingState, settings: TrainingSettings): boolean {
  return state.epoch >= settings.maxEpochs || state.epoch - 1 - state.best.epoch >= settings.patience;
}

interface Clock {
  readonly start: number;
  readonly firstStep: number;
  lastReport: number;
}

function startClock(state: TrainingState, settings: TrainingSettings): Clock {
  const start = Date.now();
  return { start, firstStep: stepNumberOf(state, settings), lastReport: start };
}

/** Lets timers and abort signals have their turn. */
async function breathe(clock: Clock): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  clock.lastReport = Date.now();
}

function stepNumberOf(state: TrainingState, settings: TrainingSettings): number {
  return state.epoch * settings.stepsPerEpoch + state.batch;
}

function progressOf(
  state: TrainingState,
  settings: TrainingSettings,
  clock: Clock,
  isEpochEnd: boolean,
): TrainingProgress {
  const step = stepNumberOf(state, settings);
  const last = state.history.at(-1);
  const seconds = Math.max(1e-3, (Date.now() - clock.start) / 1000);
  return {
    epoch: state.epoch,
    maxEpochs: settings.maxEpochs,
    step,
    stepsPerEpoch: settings.stepsPerEpoch,
    trainLoss: isEpochEnd ? last!.trainLoss : state.lossSum / Math.max(1, state.lossCount),
    validationLoss: last?.validationLoss,
    bestValidationLoss: state.best.validationLoss,
    learningRate: learningRateOf(settings, Math.max(0, step - 1)),
    stepsPerSecond: (step - clock.firstStep) / seconds,
    isEpochEnd,
    state: () => copyOfTrainingState(state),
  };
}

function resultOf(state: TrainingState, stopped: TrainingResult['stopped']): TrainingResult {
  return {
    parameters: parameterTree({ ...state.optimizer.parameters, values: state.best.values }),
    bestEpoch: state.best.epoch,
    bestValidationLoss: state.best.validationLoss,
    history: state.history,
    skippedSteps: state.skippedSteps,
    stopped,
    state: copyOfTrainingState(state),
  };
}
