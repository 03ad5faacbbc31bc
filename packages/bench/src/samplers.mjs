// Effective draws per 1000 gradients of the worst coordinate, ours beside numpyro's and blackjax's:
// `node src/samplers.mjs [--target banana] [--sampler NUTS] [--chains 4] [--draws 2000] [--steps 20000] [--seed 1]`.
// The peers run where LENSFIELD_PEERS_PYTHON (an interpreter with numpyro and blackjax) says; without it only our figures are printed.
// NUTS and HMC: 1000 draws of warm-up, then `draws`; MCLMC: `steps` steps, tuned with a third as many more.
import { parseArgs } from 'node:util';
import { essBulk, essMean } from '@lensfield/diagnostics';
import { OURS } from './samplers/ours.mjs';
import { PEERS, peerDraws } from './samplers/peers.mjs';
import { TARGETS } from './samplers/targets.mjs';

const { values: options } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: Object.keys(TARGETS) },
    sampler: { type: 'string', multiple: true, default: [...Object.keys(OURS), ...PEERS] },
    chains: { type: 'string', default: '4' },
    warmup: { type: 'string', default: '1000' },
    draws: { type: 'string', default: '2000' },
    steps: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
  },
});

function column({ shape: [chains, draws, width], data }, c, read = (x) => x) {
  const values = Float64Array.from({ length: chains * draws }, (_, i) => read(data[i * width + c]));
  return { shape: [chains, draws], data: values };
}

/** Least effective size of any coordinate or its square, and the worst relative error of a known second moment. */
function summaryOf(draws, { coordinates, secondMoments }) {
  let [least, worstErrors] = [Number.POSITIVE_INFINITY, 0];
  coordinates.forEach((_, c) => {
    const squares = column(draws, c, (x) => x * x);
    least = Math.min(least, essBulk(column(draws, c)), essBulk(squares));
    if (secondMoments === undefined) return;
    const count = squares.data.length;
    const mean = squares.data.reduce((sum, x) => sum + x, 0) / count;
    const variance = squares.data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
    const errors = (mean - secondMoments[c]) / Math.sqrt(variance / essMean(squares));
    if (Math.abs(errors) > Math.abs(worstErrors)) worstErrors = errors;
  });
  return { perThousand: (1000 * least) / draws.gradients, least, worstErrors };
}

const isPeer = (sampler) => PEERS.includes(sampler);
const samplers = options.sampler.filter((name) => !isPeer(name) || process.env.LENSFIELD_PEERS_PYTHON);
console.log(`| target | ${samplers.join(' | ')} |`);
console.log(`|---|${samplers.map(() => '---').join('|')}|`);
for (const name of options.target) {
  const target = TARGETS[name]();
  const cells = [];
  for (const sampler of samplers) {
    const numbers = ['chains', 'warmup', 'draws', 'steps', 'seed'].map((key) => [key, Number(options[key])]);
    const job = { sampler, target, ...Object.fromEntries(numbers) };
    const start = performance.now();
    const summary = summaryOf(isPeer(sampler) ? peerDraws(job) : await OURS[sampler](job), target);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    const known = target.secondMoments ? `, moments off by ${summary.worstErrors.toFixed(1)} errors` : '';
    console.error(`${name}, ${sampler}: ESS ${summary.least.toFixed(0)}${known}, ${seconds} s`);
    cells.push(summary.perThousand.toPrecision(3));
  }
  console.log(`| ${target.name} | ${cells.join(' | ')} |`);
}
