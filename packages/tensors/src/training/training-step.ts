import { foldIn, NumericalError, permutation } from '@lensfield/kernels';
import { learningRateAt } from './learning-rate.ts';
import type { StepRunner } from './step-runner.ts';
import type { TrainingSettings } from './training-options.ts';
import type { TrainingProblem } from './training-problem.ts';
import type { EpochRecord, TrainingState } from './training-state.ts';

/** Steps in a row that may be left out because loss or gradient is not finite. */
const MAX_SKIPPED_IN_A_ROW = 10;

/** Folds of the key: for the order of an epoch, for a step, for a validation batch. */
const ORDER = 0;
const STEP = 1;
const VALIDATION = 2;

/** The training rows in the order of an epoch. */
export function epochOrder(problem: TrainingProblem, settings: TrainingSettings, epoch: number): Int32Array {
  const order = permutation(foldIn(foldIn(settings.key, ORDER), epoch), problem.trainingRows.length);
  return order.map((place) => problem.trainingRows[place]);
}

/** The next minibatch of the epoch. Changes the arrays of `state` in place. */
export function stepOnce(
  problem: TrainingProblem,
  settings: TrainingSettings,
  runner: StepRunner,
  state: TrainingState,
  order: Int32Array,
): TrainingState {
  const { batchSize, clipNorm, weightDecay } = settings;
  const rows = order.subarray(state.batch * batchSize, (state.batch + 1) * batchSize);
  const stepNumber = state.epoch * settings.stepsPerEpoch + state.batch;
  const key = foldIn(foldIn(settings.key, STEP), stepNumber);
  const learningRate = learningRateOf(settings, stepNumber);
  const inputs = problem.inputs({ rows, key, isTraining: true });
  const { loss, isTaken, buffers } = runner.step(state, inputs, { learningRate, clipNorm, weightDecay });
  const batch = state.batch + 1;
  if (!isTaken) return skipped({ ...state, batch });
  return {
    ...state,
    optimizer: { ...state.optimizer, step: state.optimizer.step + 1 },
    buffers,
    batch,
    lossSum: state.lossSum + loss,
    lossCount: state.lossCount + 1,
    skippedInARow: 0,
  };
}

function skipped(state: TrainingState): TrainingState {
  if (state.skippedInARow + 1 >= MAX_SKIPPED_IN_A_ROW) {
    throw notFinite(`training loss of ${MAX_SKIPPED_IN_A_ROW} steps in a row`, state.epoch);
  }
  return {
    ...state,
    skippedSteps: state.skippedSteps + 1,
    skippedInARow: state.skippedInARow + 1,
  };
}

/** The learning rate of a step, counted from the start of the training. */
export function learningRateOf(settings: TrainingSettings, stepNumber: number): number {
  return learningRateAt(settings.schedule, stepNumber, settings.maxEpochs * settings.stepsPerEpoch);
}

/** Validates, records the epoch and keeps the parameters if they are the best so far. */
export function endEpoch(
  problem: TrainingProblem,
  settings: TrainingSettings,
  runner: StepRunner,
  state: TrainingState,
): TrainingState {
  const validationLoss = meanValidationLoss(problem, settings, runner, state);
  if (!Number.isFinite(validationLoss)) throw notFinite('validation loss', state.epoch);
  const record: EpochRecord = {
    epoch: state.epoch,
    trainLoss: state.lossCount > 0 ? state.lossSum / state.lossCount : Number.NaN,
    validationLoss,
    learningRate: learningRateOf(settings, (state.epoch + 1) * settings.stepsPerEpoch - 1),
  };
  const values = state.optimizer.parameters.values;
  return {
    ...state,
    epoch: state.epoch + 1,
    batch: 0,
    lossSum: 0,
    lossCount: 0,
    best:
      validationLoss < state.best.validationLoss
        ? { epoch: state.epoch, validationLoss, values: values.slice() }
        : state.best,
    history: [...state.history, record],
  };
}

/** Mean over all validation rows, in batches of the training's size. */
function meanValidationLoss(
  problem: TrainingProblem,
  settings: TrainingSettings,
  runner: StepRunner,
  state: TrainingState,
): number {
  const { validationRows } = problem;
  let total = 0;
  for (let start = 0; start < validationRows.length; start += settings.batchSize) {
    const rows = validationRows.subarray(start, start + settings.batchSize);
    const key = foldIn(foldIn(settings.key, VALIDATION), start);
    total += runner.validate(state, problem.inputs({ rows, key, isTraining: false })) * rows.length;
  }
  return total / validationRows.length;
}

function notFinite(quantity: string, epoch: number): NumericalError {
  return new NumericalError(
    quantity,
    `tensors.train: ${quantity} must be finite; it is not, in epoch ${epoch}. Lower the learning rate, or look for extreme values in the data.`,
  );
}
