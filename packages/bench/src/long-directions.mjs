// NUTS along the three long directions, ours beside numpyro's: `node src/long-directions.mjs [--seed 7 --seed 8] [--draws 4000]`.
// Effective sizes of the worst of 50 coordinates scatter by a third and more from seed to seed there. The mean square jump between draws along the
// directions, of known variance, does by a few per cent: over twice the variance it is 1 - r, r the correlation of neighbours, and the
// effective draws of one chain are (1 - r) / 2 of its draws, as of an autoregression. Chains of unequal pace count in their mean: the
// variances of their means add.
import { parseArgs } from 'node:util';
import { OURS } from './samplers/ours.mjs';
import { peerDraws } from './samplers/peers.mjs';
import { TARGETS } from './samplers/targets.mjs';

const { values: options } = parseArgs({
  options: {
    chains: { type: 'string', default: '4' },
    draws: { type: 'string', default: '4000' },
    seed: { type: 'string', multiple: true, default: ['7', '8', '9', '10', '11'] },
  },
});

const target = TARGETS.longDirections();
const { dimension, columns, eigenvalue } = target.data;
target.coordinates = Array.from({ length: dimension }, (_, i) => i);

/** 1 - r along the three directions of one chain of `draws` positions. */
function jumpOf(positions, draws) {
  let sum = 0;
  for (const column of columns) {
    let before = 0;
    for (let d = 0; d < draws; d++) {
      let along = 0;
      for (let i = 0; i < dimension; i++) along += column[i] * positions[d * dimension + i];
      if (d > 0) sum += (along - before) ** 2;
      before = along;
    }
  }
  return sum / (columns.length * (draws - 1)) / (2 * eigenvalue);
}

function perThousand({ shape: [chains, draws], data, gradients }) {
  let slowness = 0;
  for (let c = 0; c < chains; c++)
    slowness += 2 / jumpOf(data.subarray(c * draws * dimension, (c + 1) * draws * dimension), draws);
  return (1000 * draws * chains ** 2) / slowness / gradients;
}

const samplers = {
  NUTS: OURS.NUTS,
  ...(process.env.LENSFIELD_PEERS_PYTHON && { 'numpyro NUTS': peerDraws }),
};
for (const [sampler, sample] of Object.entries(samplers)) {
  const rates = [];
  for (const seed of options.seed.map(Number)) {
    const job = {
      sampler,
      target,
      chains: Number(options.chains),
      warmup: 1000,
      draws: Number(options.draws),
      seed,
    };
    rates.push(perThousand(await sample(job)));
  }
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const spread = rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (rates.length - 1);
  const error = Math.sqrt(spread / rates.length);
  console.log(
    `${sampler}: ${mean.toPrecision(3)} +- ${error.toPrecision(1)} (${rates.map((r) => r.toPrecision(3))})`,
  );
}
