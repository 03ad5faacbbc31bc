// `npm run endurance`: every network of the repository in a long compiled training, and in two short ones, compiled and op by op.
//   --steps N       of the long one, default 10000: what falls back, what grows, how much time garbage takes
//   --compare N     of the short ones, default 500: how far their losses differ
//   --only NAME     networks whose name contains it (may be given again)
//   --backend NAME  native (default) or wasm; one thread
// Steps are rounded up to rounds of 50; 0 leaves a part out. The status is 1 if something falls back or grows, garbage takes 2 % of the time
// or losses differ by more than 1e-4.
import { parseArgs } from 'node:util';
import { initTensors } from '@lensfield/tensors';
import { compare } from './endurance/compare.mjs';
import { endure } from './endurance/endure.mjs';
import { enduranceHead, enduranceLine, holds } from './endurance/line.mjs';
import { NETWORKS } from './endurance/networks.mjs';
import { ROUND } from './endurance/rounds.mjs';

/** The first two trace; growth is counted from the second to the last. */
const LEAST_ROUNDS = 4;

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '10000' },
    compare: { type: 'string', default: '500' },
    only: { type: 'string', multiple: true, default: [''] },
    backend: { type: 'string', default: 'native' },
  },
});

function refuse(sentence) {
  console.error(`endurance: ${sentence}`);
  process.exit(2);
}

function roundsOf(name, least) {
  const steps = Number(options[name]);
  if (!Number.isInteger(steps) || steps < 0)
    refuse(`--${name} must be a whole number of at least 0; got ${options[name]}.`);
  return steps === 0 ? 0 : Math.max(least, Math.ceil(steps / ROUND));
}

function chosenNetworks() {
  const chosen = NETWORKS.filter(({ name }) => options.only.some((text) => name.includes(text)));
  if (chosen.length > 0) return chosen;
  const names = NETWORKS.map(({ name }) => name).join(', ');
  return refuse(`--only must name one of ${names}; got ${options.only.join(', ')}.`);
}

async function startTensors() {
  const { backend } = options;
  if (!['native', 'wasm'].includes(backend)) refuse(`--backend must be native or wasm; got ${backend}.`);
  return await initTensors({ backend, threads: 1 });
}

const chosen = chosenNetworks();
const [longRounds, shortRounds] = [roundsOf('steps', LEAST_ROUNDS), roundsOf('compare', 1)];
const kernels = await startTensors();
console.log(enduranceHead());
for (const network of chosen) {
  const endured = longRounds > 0 ? await endure(network, kernels, longRounds) : undefined;
  const isCompared = shortRounds > 0 && network.isTaped !== false;
  const compared = isCompared ? await compare(network, kernels, shortRounds) : undefined;
  console.log(enduranceLine(network, endured, compared));
  if (!holds(endured, compared)) process.exitCode = 1;
}
