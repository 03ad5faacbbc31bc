import { foldIn, keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, type Survey, surveyPreset } from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { expect, test } from 'vitest';
import { silentProgress } from '../src/command-line/progress.ts';
import { inferExplicit } from '../src/recipes/explicit.ts';

/* Near sources and a high amplitude: peaks of twenty shifts. */
const survey: Survey = {
  ...surveyPreset('lsst-y10'),
  name: 'steep',
  mapSize: 32,
  fieldSizeDeg: 1.25,
  galaxiesPerArcmin2: [13.5, 13.5],
  redshifts: { ...surveyPreset('lsst-y10').redshifts, numBins: 2 } as Survey['redshifts'],
};
/** The map of the calibration (packages/bench/src/explicit-calibration.mjs) that chains fared worst on: sigma_8 0.96, omega_c 0.56. */
const MAP = foldIn(keyOf(1), 19);
const LARGEST_DEVIATE = 5;

test('chains on a map of steep fields arrive and move', async () => {
  const kernels = await loadKernels();
  const model = createLognormalModel({ survey, kernels });
  const prior = paperPrior();
  const theta = Float64Array.from(prior.sample(foldIn(MAP, 0), 1).data);
  const result = await inferExplicit({
    survey,
    parity: 'none',
    prior,
    model,
    observation: model.simulate(foldIn(MAP, 1_000_000), theta).x,
    key: keyOf(1),
    sampler: 'hmc',
    numChains: 2,
    numWarmup: 150,
    numSamples: 100,
    backend: kernels.backend,
    threads: 2,
    progress: silentProgress,
  });
  for (const { samples, stepSize } of result.sampling.chains) {
    // In coordinates linearised by full steps at the middle of the prior steps are 0.01 to 0.1, and chains end 8 prior widths out.
    expect(stepSize).toBeGreaterThan(0.15);
    expect(Math.max(...samples.data.map(Math.abs))).toBeLessThan(LARGEST_DEVIATE);
  }
});
