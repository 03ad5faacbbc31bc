import { keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, surveyPreset } from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { inferExplicit, silentProgress } from 'lensfield';

const kernels = await loadKernels();
const survey = { ...surveyPreset('lsst-y10-demo'), mapSize: 16, fieldSizeDeg: 0.625 };
const theta = Float64Array.of(0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1);
const model = createLognormalModel({ survey, kernels });
const observation = model.simulate(keyOf(1), theta).x;

const { names, convergence, numDivergences } = await inferExplicit({
  survey,
  model,
  observation,
  prior: paperPrior(),
  parity: 'none',
  key: keyOf(2),
  sampler: 'hmc',
  numChains: 2,
  numWarmup: 200,
  numSamples: 500,
  backend: kernels.backend,
  threads: 2,
  progress: silentProgress,
});
console.log(
  names,
  convergence.map(({ rhat }) => rhat),
  numDivergences,
);
