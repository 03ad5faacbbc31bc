// Test log densities (nats per row) and times of a training step of our flows beside zuko's: same rows, split, steps and widths, one
// thread, one run:
// `node src/flows.mjs [--problem two-moons] [--flow maf] [--seeds 3]`.
// LENSFIELD_PEERS is the folder whose torch/data holds the banana's pairs. The peers run where LENSFIELD_PEERS_PYTHON (an interpreter
// with zuko) or the folder of `npm run bench:peers` says; without them only our figures are printed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { conditionalDensity, createFlow, trainFlow } from '@lensfield/flows';
import { foldIn, keyOf } from '@lensfield/kernels';
import { initTensors, runTraining, splitRows } from '@lensfield/tensors';
import { PROBLEMS } from './flows/problems.mjs';
import { findPeers } from './peers-environment.mjs';

const LAYERS = 3;
const HIDDEN = [64, 64];
const RATE = 2e-3;
const BINS = 8;
const VALIDATION = 0.1;

/**
 * Ours and zuko's of the same kind. A coupling layer of zuko's transforms both halves, one of ours one: it has two of them. Ours
 * without a peer are measured beside, on the same rows.
 */
const FLOWS = {
  maf: { ours: { kind: 'maf' }, peer: 'MAF' },
  'maf of splines': { ours: { kind: 'maf', transform: { kind: 'spline', numBins: BINS } }, peer: 'NSF' },
  spline: { ours: { kind: 'spline', numBins: BINS, numLayers: 2 * LAYERS }, peer: 'NSF, coupling' },
  affine: { ours: { kind: 'affine', numLayers: 2 * LAYERS } },
  smooth: { ours: { kind: 'smooth', numLayers: 2 * LAYERS } },
  mixture: { ours: { kind: 'mixture' } },
};

const { values: options } = parseArgs({
  options: {
    problem: { type: 'string', multiple: true, default: Object.keys(PROBLEMS) },
    flow: { type: 'string', multiple: true, default: Object.keys(FLOWS) },
    seeds: { type: 'string', default: '3' },
  },
});

async function ourLogProb({ ours }, problem, seed) {
  const { y, context, testY, testContext, batchSize, epochs } = problem;
  const flow = createFlow({
    numLayers: LAYERS,
    hiddenUnits: HIDDEN,
    ...ours,
    dimension: y.shape[1],
    contextDimension: context.shape[1],
  });
  const start = performance.now();
  const { parameters, state } = await runTraining(
    trainFlow({
      flow,
      y,
      context,
      key: keyOf(seed),
      standardisation: 'none',
      validationFraction: VALIDATION,
      batchSize,
      maxEpochs: epochs,
      patience: epochs,
      learningRate: { kind: 'cosine', rate: RATE },
    }),
  );
  const numSteps = state.epoch * Math.floor(splitOf(problem, seed).training.length / batchSize);
  const msPerStep = (performance.now() - start) / numSteps;
  const logProb = conditionalDensity(flow, parameters).logProb(testY, testContext);
  const weights = Object.values(parameters.weights).reduce((sum, { data }) => sum + data.length, 0);
  return { logProb: logProb.reduce((sum, v) => sum + v / logProb.length, 0), weights, msPerStep };
}

/** The same rows set aside as trainFlow sets aside for this key. */
const splitOf = (problem, seed) => splitRows(foldIn(keyOf(seed), 1), problem.y.shape[0], VALIDATION);

function peerLogProb({ peer }, problem, seed) {
  const folder = mkdtempSync(join(tmpdir(), 'lensfield-flows-'));
  try {
    const { y, context, testY, testContext, batchSize, epochs } = problem;
    for (const [name, { data }] of Object.entries({ y, context, testY, testContext }))
      writeFileSync(join(folder, name), data);
    for (const [name, indices] of Object.entries(splitOf(problem, seed)))
      writeFileSync(join(folder, name), indices);
    const input = JSON.stringify({
      folder,
      flow: peer,
      dimension: y.shape[1],
      contextDimension: context.shape[1],
      layers: LAYERS,
      hidden: HIDDEN,
      bins: BINS,
      rate: RATE,
      batchSize,
      epochs,
      seed,
      threads: 1,
    });
    const script = fileURLToPath(new URL('./flows/zuko_flows.py', import.meta.url));
    const run = spawnSync(findPeers(), [script], { input, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`flows: the peer must end without an error; got ${run.stderr}`);
    return JSON.parse(run.stdout.trim().split('\n').at(-1));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mean over the seeds with its standard error, the number of weights, and the time of a step with its share of the validations. */
function summaryOf(results) {
  const values = results.map(({ logProb }) => logProb);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  const error = Math.sqrt(variance / values.length);
  const msPerStep = Math.min(...results.map((result) => result.msPerStep));
  const cells = [`${mean.toFixed(3)} ± ${error.toFixed(3)}`, results[0].weights, msPerStep.toFixed(2)];
  return { mean, text: cells.join(' | ') };
}

await initTensors({ threads: 1 });
console.log('| rows | flow | ours | weights | ms | zuko | its | weights | ms | ours - zuko |');
console.log(`|${' --- |'.repeat(10)}`);
const seeds = Array.from({ length: Number(options.seeds) }, (_, i) => i + 1);
for (const name of options.problem) {
  const problem = PROBLEMS[name](process.env.LENSFIELD_PEERS ?? '');
  for (const kind of options.flow) {
    const flow = FLOWS[kind];
    const ours = [];
    for (const seed of seeds) ours.push(await ourLogProb(flow, problem, seed));
    const own = summaryOf(ours);
    const hasPeer = flow.peer && findPeers();
    const peer = hasPeer ? summaryOf(seeds.map((seed) => peerLogProb(flow, problem, seed))) : undefined;
    const theirs = peer ? `${flow.peer} | ${peer.text} | ${(own.mean - peer.mean).toFixed(3)}` : ' | | | | ';
    console.log(`| ${name} | ${kind} | ${own.text} | ${theirs} |`);
  }
}
