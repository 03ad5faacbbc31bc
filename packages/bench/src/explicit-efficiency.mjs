// Effective draws per gradient of the samplers of `lensfield infer explicit` on maps of LSST-Y10 pixels and several sizes, simulated at the
// fiducial point: `node src/explicit-efficiency.mjs [--n 64 --n 128] [--sampler hmc] [--samples 1000]`.
import { parseArgs } from 'node:util';
import { keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, FIDUCIAL_PARAMETERS, surveyPreset } from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { inferExplicit, silentProgress } from 'lensfield';

const { values: options } = parseArgs({
  options: {
    n: { type: 'string', multiple: true, default: ['64', '128'] },
    sampler: { type: 'string', multiple: true, default: ['hmc', 'mclmc', 'nuts'] },
    samples: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});

/** Draws of each of two chains. */
const LENGTHS = {
  hmc: { numWarmup: 400, numSamples: 2000 },
  mclmc: { numWarmup: 1000, numSamples: 8000 },
  nuts: { numWarmup: 300, numSamples: 500 },
};

const kernels = await loadKernels();
for (const n of options.n.map(Number)) {
  const survey = { ...surveyPreset('lsst-y10'), mapSize: n, fieldSizeDeg: (10 * n) / 256 };
  const model = createLognormalModel({ survey, kernels });
  const theta = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
  const observation = model.simulate(keyOf(Number(options.seed)), theta).x;
  for (const sampler of options.sampler) {
    const { numWarmup, numSamples } = LENGTHS[sampler];
    const { names, convergence, gradients, seconds, numDivergences } = await inferExplicit({
      survey,
      model,
      observation,
      prior: paperPrior(),
      parity: 'none',
      key: keyOf(2),
      sampler,
      numChains: 2,
      numWarmup,
      numSamples: options.samples === undefined ? numSamples : Number(options.samples),
      backend: kernels.backend,
      threads: 2,
      progress: silentProgress,
    });
    const perThousand = convergence.map(({ essBulk }) => (1000 * essBulk) / gradients.sampling);
    console.log(
      `${n}^2 ${sampler}: effective draws per 1000 gradients ${names.map((name, i) => `${name} ${perThousand[i].toFixed(1)}`).join(', ')}; ` +
        `worst ${Math.min(...perThousand).toFixed(1)}; R-hat at most ${Math.max(...convergence.map(({ rhat }) => rhat)).toFixed(4)}; ` +
        `${gradients.warmup} + ${gradients.sampling} gradients in ${seconds.toFixed(0)} s; ${numDivergences} divergences`,
    );
  }
  model.dispose();
}
