import { createStepper } from '@lensfield/tensors';

/** Steps of a round: an epoch of a training. */
export const ROUND = 50;
const VALIDATION_ROWS = 81;

/** Rows that make a round of batches, and some for validation, whose last batch is of another size. */
export const rowsFor = (batchSize) => ROUND * batchSize + VALIDATION_ROWS;

/**
 * @typedef {object} Settings
 * @property {import('@lensfield/kernels').Kernels} kernels  The engine that the tensors run on.
 * @property {number} numRounds
 * @property {boolean} compile
 * @property {boolean} [everyStep]  Default false: once a round.
 *
 * @typedef {object} Network
 * @property {string} name
 * @property {string} sizes
 * @property {boolean} [isTaped]  Default true.
 * @property {(settings: Settings) => AsyncIterable<{ step: number, loss?: number }>} train  Tells, after every round or step, how
 *   many steps there were and the loss of the last one (the mean of the round, where a training gives that).
 */

/** Options of a public training function for so many rounds, with {@link rowsFor} the batch size. */
export function trainingOptions({ numRounds, compile, everyStep = false }, batchSize) {
  return {
    batchSize,
    validationFraction: VALIDATION_ROWS / rowsFor(batchSize),
    maxEpochs: numRounds,
    patience: numRounds,
    compile,
    // A report is due as soon as more time than this has passed since the last.
    reportEveryMs: everyStep ? -1 : Number.POSITIVE_INFINITY,
  };
}

/** The reports of a training as steps and losses: of each step, where it reports each, since its reports hold means over the epoch. */
export async function* stepsOfTraining(training) {
  let before = { count: 0, sum: 0 };
  for await (const { step, trainLoss, stepsPerEpoch, isEpochEnd } of training) {
    const count = isEpochEnd ? stepsPerEpoch : step % stepsPerEpoch;
    const sum = trainLoss * count;
    yield { step, loss: (sum - before.sum) / (count - before.count) };
    before = isEpochEnd ? { count: 0, sum: 0 } : { count, sum };
  }
}

/** Steps of Adam on a loss of named weights, as the rows of the bench take them. */
export async function* stepsOfLoss({ parameters, loss }, { numRounds, compile, everyStep = false }) {
  const stepper = createStepper((tensors) => loss(tensors.parameters), parameters, { compile });
  for (let step = 1; step <= numRounds * ROUND; step++) {
    const { loss: value } = stepper.step();
    if (everyStep || step % ROUND === 0) yield { step, loss: value };
  }
  stepper.dispose();
}
