import { keyOf, normal } from '@lensfield/kernels';
import { jointPrior, normal as normalPrior, nre } from '@lensfield/sbi';
import { rowsFor, stepsOfTraining, trainingOptions } from './rounds.mjs';

const SIZE = 6;
const BATCH = 32;

const PRIOR = jointPrior(
  Object.fromEntries(Array.from({ length: SIZE }, (_, i) => [`theta_${i}`, normalPrior({ mean: 0, sd: 1 })])),
);

/** Draws of the prior and what is seen of them in noise. */
function simulations(key, count) {
  const theta = PRIOR.sample(keyOf(key), count);
  const noise = normal(keyOf(key + 1), count * SIZE);
  const shape = [count, SIZE];
  return { theta, summaries: { shape, data: noise.map((e, i) => theta.data[i] + 0.3 * e) } };
}

/** @type {import('./rounds.mjs').Network[]} */
export const ratioNetworks = [
  {
    name: 'ratio',
    sizes: `10 atoms, ${SIZE}-d and ${SIZE}-d, batch ${BATCH}`,
    train: (options) =>
      stepsOfTraining(
        nre({
          prior: PRIOR,
          key: keyOf(5),
          ...simulations(6, rowsFor(BATCH)),
          heldOut: simulations(8, 10),
          certification: { numDraws: 10, numControlTrials: 1 },
          training: trainingOptions(options, BATCH),
        }),
      ),
  },
];
