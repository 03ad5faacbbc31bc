import { foldIn, NumericalError, permutation } from '@lensfield/kernels';
import { tidy } from '@tensorflow/tfjs-core';
import { adam } from '../adam.ts';
import { clipByGlobalNorm } from '../clip.ts';
import { tensorsOf } from '../parameters.ts';
import { valueAndGradients } from '../value-and-gradients.ts';
import { learningRateAt } from './learning-rate.ts';
import type { TrainingSettings } from './training-options.ts';
import type { Minibatch, TrainingProblem } from './training-problem.ts';
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
  state: TrainingState,
  order: Int32Array,
): TrainingState {
  const { batchSize } = settings;
  const rows = order.subarray(state.batch * batchSize, (state.batch + 1) * batchSize);
  const stepNumber = state.epoch * settings.stepsPerEpoch + state.batch;
  const stepKey = foldIn(foldIn(settings.key, STEP), stepNumber);
  let buffers = state.buffers;
  const minibatch: Minibatch = {
    rows,
    key: stepKey,
    buffers,
    isTraining: true,
    keepBuffers: (next) => {
      buffers = next;
    },
  };
  const { value, gradients } = valueAndGradients(
    (parameters) => problem.loss(parameters, minibatch),
    state.optimizer.parameters,
  );
  const norm = clipByGlobalNorm(gradients, settings.clipNorm);
  const batch = state.batch + 1;
  if (!Number.isFinite(value) || !Number.isFinite(norm)) return skipped({ ...state, batch });
  const optimizer = adam({
    learningRate: learningRateOf(settings, stepNumber),
    weightDecay: settings.weightDecay,
  });
  return {
    ...state,
    optimizer: optimizer.step(state.optimizer, gradients),
    buffers,
    batch,
    lossSum: state.lossSum + value,
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
  state: TrainingState,
): TrainingState {
  const validationLoss = meanValidationLoss(problem, settings, state);
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
  state: TrainingState,
): number {
  const { validationRows } = problem;
  let total = 0;
  for (let start = 0; start < validationRows.length; start += settings.batchSize) {
    const rows = validationRows.subarray(start, start + settings.batchSize);
    const minibatch: Minibatch = {
      rows,
      key: foldIn(foldIn(settings.key, VALIDATION), start),
      buffers: state.buffers,
      isTraining: false,
      keepBuffers: () => {},
    };
    total += tidy(() => {
      const loss = problem.loss(tensorsOf(state.optimizer.parameters), minibatch);
      return loss.dataSync()[0] * rows.length;
    });
  }
  return total / validationRows.length;
}

function notFinite(quantity: string, epoch: number): NumericalError {
  return new NumericalError(
    quantity,
    `tensors.train: ${quantity} must be finite; it is not, in epoch ${epoch}. Lower the learning rate, or look for extreme values in the data.`,
  );
}
