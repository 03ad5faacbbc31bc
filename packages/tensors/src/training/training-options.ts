import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { type LearningRateSchedule, requireSchedule } from './learning-rate.ts';
import type { TrainingProblem } from './training-problem.ts';
import type { TrainingState } from './training-state.ts';

export interface TrainingOptions {
  /** Order of the rows and draws of each step are folded from it. */
  readonly key: Key;
  /** Rows in a minibatch. Default 128; all training rows where there are fewer. The rest of an epoch is left out. */
  readonly batchSize?: number;
  /** Default: cosine from 1e-3. */
  readonly learningRate?: LearningRateSchedule;
  /** Default 200. The cosine ends with it. */
  readonly maxEpochs?: number;
  /** Epochs without a better validation loss before the end. Default 20. */
  readonly patience?: number;
  /** Largest global norm of the gradient. Default 5. */
  readonly clipNorm?: number;
  /** Decoupled weight decay. Default 0. */
  readonly weightDecay?: number;
  /**
   * Whether steps are compiled: traced once and replayed in one call into C, to the same numbers. Default true; false on the `cpu`
   * backend, which has nothing to compile to. A loss that cannot be compiled is refused with the name of the op, not run slowly:
   * false runs it op by op.
   */
  readonly compile?: boolean;
  /** Milliseconds between reports of progress inside an epoch. Default 1000. */
  readonly reportEveryMs?: number;
  /** Stops after the present step; the result then says `aborted` and its state can be continued. */
  readonly signal?: AbortSignal;
  /** A state of an earlier run with the same problem and options: goes on from there to the same bits. */
  readonly resume?: TrainingState;
}

/** The options with their defaults, checked against a problem. */
export interface TrainingSettings {
  readonly key: Key;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly schedule: LearningRateSchedule;
  readonly maxEpochs: number;
  readonly patience: number;
  readonly clipNorm: number;
  readonly weightDecay: number;
  readonly reportEveryMs: number;
}

/** Defaults and checks. */
export function settingsOf(problem: TrainingProblem, options: TrainingOptions): TrainingSettings {
  const numTraining = problem.trainingRows.length;
  const { key, learningRate, maxEpochs = 200, patience = 20, clipNorm = 5 } = options;
  const schedule = learningRate ?? { kind: 'cosine', rate: 1e-3 };
  requireSchedule('tensors.train', schedule);
  for (const [argument, value] of Object.entries({
    maxEpochs,
    patience,
    batchSize: options.batchSize ?? 1,
  })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new InvalidArgumentError(
      argument,
      `tensors.train: ${argument} must be a whole number of at least 1; got ${value}.`,
    );
  }
  if (numTraining === 0 || problem.validationRows.length === 0) {
    throw new InvalidArgumentError(
      'problem',
      `tensors.train: problem must have training and validation rows; got ${numTraining} and ${problem.validationRows.length}.`,
    );
  }
  const batchSize = Math.min(options.batchSize ?? 128, numTraining);
  return {
    key,
    batchSize,
    stepsPerEpoch: Math.floor(numTraining / batchSize),
    schedule,
    maxEpochs,
    patience,
    clipNorm,
    weightDecay: options.weightDecay ?? 0,
    reportEveryMs: options.reportEveryMs ?? 1000,
  };
}
