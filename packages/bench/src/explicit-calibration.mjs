// Ranks of the truth in the explicit posteriors of maps drawn from the prior, 32 x 32 pixels and two bins, for each sampler of
// `lensfield infer explicit`: `node src/explicit-calibration.mjs [--maps 100] [--sampler hmc] [--out ranks.json]`.
// Prints chi^2 p values of the ranks of every parameter, and the Bonferroni bound for all of them.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { rankUniformity } from '@lensfield/diagnostics';
import { foldIn, isLensfieldError, keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, surveyPreset } from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { inferExplicit, silentProgress } from 'lensfield';

const { values: options } = parseArgs({
  options: {
    maps: { type: 'string', default: '100' },
    sampler: { type: 'string', multiple: true, default: ['hmc', 'mclmc', 'nuts'] },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});

/** Draws after warm-up: some hundred effective ones of the worst parameter. */
const LENGTHS = {
  hmc: { numWarmup: 300, numSamples: 500 },
  mclmc: { numWarmup: 600, numSamples: 4000 },
  nuts: { numWarmup: 200, numSamples: 300 },
};
/** Draws of which each rank is one of, evenly spaced: nearly independent. */
const RANKED = 39;
const BINS = 10;

const SURVEY = {
  ...surveyPreset('lsst-y10'),
  name: 'two bins',
  mapSize: 32,
  fieldSizeDeg: 1.25,
  galaxiesPerArcmin2: [13.5, 13.5],
  redshifts: { ...surveyPreset('lsst-y10').redshifts, numBins: 2 },
};

const kernels = await loadKernels();
const model = createLognormalModel({ survey: SURVEY, kernels });
const prior = paperPrior();
const key = keyOf(Number(options.seed));

/** A universe and its map; parameters of no universe are drawn again, as the posterior excludes them too. */
function drawMap(mapKey) {
  for (let attempt = 0; ; attempt++) {
    const theta = Float64Array.from(prior.sample(foldIn(mapKey, attempt), 1).data);
    try {
      return { theta, observation: model.simulate(foldIn(mapKey, 1_000_000 + attempt), theta).x };
    } catch (error) {
      if (!isLensfieldError(error)) throw error;
    }
  }
}

async function inferred(sampler, map) {
  const { theta, observation } = drawMap(foldIn(key, map));
  const { chains, convergence, numDivergences } = await inferExplicit({
    survey: SURVEY,
    model,
    observation,
    prior,
    parity: 'none',
    key: foldIn(foldIn(key, 1_000_000 + map), 0),
    sampler,
    numChains: 1,
    ...LENGTHS[sampler],
    backend: kernels.backend,
    threads: 1,
    progress: silentProgress,
  });
  const [, numDraws, size] = chains.shape;
  const ranks = Array.from(theta, (truth, i) => {
    let below = 0;
    for (let k = 0; k < RANKED; k++)
      if (chains.data[Math.floor(((k + 0.5) * numDraws) / RANKED) * size + i] < truth) below++;
    return below;
  });
  return { ranks, ess: Math.min(...convergence.map(({ essBulk }) => essBulk)), numDivergences };
}

const result = {};
for (const sampler of options.sampler) {
  const started = performance.now();
  const maps = [];
  let next = 0;
  const numMaps = Number(options.maps);
  const lane = async () => {
    for (let map = next++; map < numMaps; map = next++) maps[map] = await inferred(sampler, map);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  const p = prior.names.map((_, i) => {
    const ranks = Int32Array.from(maps, ({ ranks: own }) => own[i]);
    return rankUniformity(ranks, { numDraws: RANKED, numBins: BINS, key }).chiSquarePValue;
  });
  const ess = maps.map((map) => map.ess).toSorted((a, b) => a - b);
  result[sampler] = { names: prior.names, p, maps };
  const bound = 0.01 / (prior.names.length * options.sampler.length);
  console.log(
    `${sampler}: p ${prior.names.map((name, i) => `${name} ${p[i].toFixed(3)}`).join(', ')}; least ${Math.min(...p).toFixed(4)}, bound ${bound.toFixed(4)}; ` +
      `effective draws ${ess[0].toFixed(0)} to ${ess.at(-1).toFixed(0)}, median ${ess[ess.length >> 1].toFixed(0)}; ` +
      `${maps.reduce((sum, map) => sum + map.numDivergences, 0)} divergences; ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  if (options.out) writeFileSync(options.out, JSON.stringify(result));
}
