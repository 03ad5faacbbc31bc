import { c2st } from '@lensfield/diagnostics';
import { foldIn, keyOf, normal } from '@lensfield/kernels';
import { ROUND } from './rounds.mjs';

const DIMENSION = 6;
const FOLDS = 2;
const BATCH = 200;
const NUM_SAMPLES = 1000;
const EPOCHS = 50;
/** Half of both sets trains in each of two folds. */
const STEPS_PER_EPOCH = NUM_SAMPLES / BATCH;

/**
 * The classifier of a two-sample test; tells of every whole test, of two at least. It calls kernels itself: there is no tape and nothing to
 * compile, and it tells no losses.
 *
 * @type {import('./rounds.mjs').Network}
 */
export const classifierNetwork = {
  name: 'classifier',
  sizes: `hidden 60-60, ${DIMENSION}-d, batch ${BATCH}`,
  isTaped: false,
  async *train({ kernels, numRounds }) {
    const draws = (seed, mean) => ({
      shape: [NUM_SAMPLES, DIMENSION],
      data: normal(keyOf(seed), NUM_SAMPLES * DIMENSION).map((value) => value + mean),
    });
    const sets = { samples: draws(1, 0), reference: draws(2, 0.3) };
    let step = 0;
    for (let test = 0; test < 2 || step < ROUND * numRounds; test++) {
      const key = foldIn(keyOf(3), test);
      const { foldEpochs } = c2st({ ...sets, kernels, key, numFolds: FOLDS, maxEpochs: EPOCHS });
      step += STEPS_PER_EPOCH * foldEpochs.reduce((sum, epochs) => sum + epochs, 0);
      yield { step };
    }
  },
};
