// Our samplers on one target: the chosen coordinates of all draws after warm-up, [chains, draws, coordinates], and their gradients.
import { mclmc, runChains, tuneMclmc } from '@lensfield/hmc';
import { foldIn, keyOf, splitKey, uniformFloat64 } from '@lensfield/kernels';

function inChains(options) {
  return async ({ target, chains, seed, warmup, draws, steps }) => {
    const isStepwise = options.sampler?.kind === 'mclmc';
    const result = await runChains({
      target: { dimension: target.data.dimension, logDensityAndGradient: target.logDensityAndGradient },
      numChains: chains,
      key: keyOf(seed),
      numWarmup: isStepwise ? Math.round(steps / 3) : warmup,
      numSamples: isStepwise ? steps : draws,
      recorded: target.coordinates,
      ...options,
    });
    const gradients = result.chains.reduce((sum, chain) => sum + chain.gradients.sampling, 0);
    return { ...result.samples, gradients };
  };
}

/** A chain of unadjusted MCLMC, tuned with a third of the steps that it then makes. */
function unadjustedChain({ target, steps }, key) {
  const { dimension } = target.data;
  const [startKey, tuneKey, walkKey] = splitKey(key, 3);
  const tuning = tuneMclmc(target.logDensityAndGradient, {
    key: tuneKey,
    position: Float64Array.from(uniformFloat64(startKey, dimension), (u) => 4 * u - 2),
    numSteps: Math.round(steps / 3),
  });
  const { step } = mclmc(target.logDensityAndGradient, tuning);
  const width = target.coordinates.length;
  const data = new Float64Array(steps * width);
  let { state } = tuning;
  for (let i = 0; i < steps; i++) {
    [state] = step(foldIn(walkKey, i), state);
    for (let c = 0; c < width; c++) data[i * width + c] = state.position[target.coordinates[c]];
  }
  return data;
}

function unadjusted(job) {
  const width = job.target.coordinates.length;
  const data = new Float64Array(job.chains * job.steps * width);
  for (let chain = 0; chain < job.chains; chain++)
    data.set(unadjustedChain(job, foldIn(keyOf(job.seed), chain)), chain * job.steps * width);
  /* McLachlan's integrator has two gradients a step. */
  return { shape: [job.chains, job.steps, width], data, gradients: 2 * job.steps * job.chains };
}

export const OURS = {
  NUTS: inChains({}),
  'NUTS, low rank': inChains({ adaptation: { lowRank: 10 } }),
  'HMC, ChEES': inChains({ sampler: { kind: 'hmc', numIntegrationSteps: 'adapted' } }),
  MCLMC: unadjusted,
  'adjusted MCLMC': inChains({
    sampler: { kind: 'mclmc' },
    adaptation: { targetAcceptanceRate: 0.9 },
  }),
};
