import { createFlow, trainFlow } from '@lensfield/flows';
import { keyOf, normal } from '@lensfield/kernels';
import { realNvp } from '../rows/real-nvp.mjs';
import { rowsFor, stepsOfLoss, stepsOfTraining, trainingOptions } from './rounds.mjs';

const CONTEXT = 6;
const BATCH = 32;
const NUM_ROWS = rowsFor(BATCH);

/** Coordinates that bend and spread with the context. */
function bentPairs(dimension) {
  const context = normal(keyOf(1), NUM_ROWS * CONTEXT);
  const noise = normal(keyOf(2), NUM_ROWS * dimension);
  const y = noise.map((e, i) => {
    const row = CONTEXT * Math.floor(i / dimension);
    return context[row] + Math.exp(0.3 * context[row + 1]) * e + 0.2 * e * e;
  });
  return {
    y: { shape: [NUM_ROWS, dimension], data: y },
    context: { shape: [NUM_ROWS, CONTEXT], data: context },
  };
}

function flowNetwork(name, dimension, options) {
  const flow = createFlow({ ...options, dimension, contextDimension: CONTEXT });
  return {
    name,
    sizes: `${options.kind}, 2 x 128, ${dimension}-d given ${CONTEXT}-d, batch ${BATCH}`,
    train: (options) =>
      stepsOfTraining(
        trainFlow({ flow, ...bentPairs(dimension), key: keyOf(3), ...trainingOptions(options, BATCH) }),
      ),
  };
}

/** @type {import('./rounds.mjs').Network[]} */
export const flowNetworks = [
  flowNetwork('flow', 6, { kind: 'affine' }),
  flowNetwork('flow-permutation', 6, { kind: 'affine', mixing: 'permutation' }),
  flowNetwork('flow-1d', 1, { kind: 'affine' }),
  flowNetwork('flow-spline', 6, { kind: 'spline' }),
  flowNetwork('flow-smooth', 6, { kind: 'smooth' }),
  flowNetwork('flow-maf', 6, { kind: 'maf' }),
  flowNetwork('flow-mixture', 6, { kind: 'mixture' }),
  {
    name: 'flow-score',
    sizes: '4 layers of 2 x 128, 6-d given 6-d, batch 128, the score in the loss',
    train: (options) => stepsOfLoss(realNvp(true), options),
  },
];
