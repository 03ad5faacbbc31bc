import { shapeNoisePower } from '@lensfield/cosmology';
import { figureOfMerit } from '@lensfield/diagnostics';
import { asFloat32, readNpy } from '@lensfield/io';
import { cholesky, choleskySolve, foldIn, keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, parameterKey, surveyPreset } from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { hasReference, referenceFile } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { silentProgress } from '../../src/command-line/progress.ts';
import { bandPowersOf, createBandTheory } from '../../src/recipes/spectra/band-powers.ts';
import { inferSpectra } from '../../src/recipes/spectra/infer-spectra.ts';
import { localPosterior } from '../../src/recipes/spectra/spectra-fit.ts';

const PUBLIC_MAP = 'sbi_lens/m_data__256N_10ms_27gpa_0.26se.npy';
const prior = paperPrior();
const kernels = await loadKernels({ threads: 1 });

/**
 * Squared length of the score of the likelihood at the truth of each simulated map, in the metric of its Fisher matrix: chi-square with six degrees
 * of freedom if the likelihood has the slopes, the covariance and with them the widths that it should.
 */
function squaredScores(preset: string, numMaps: number, width: number): Float64Array {
  const survey = surveyPreset(preset);
  const model = createLognormalModel({ survey, kernels });
  const noise = survey.galaxiesPerArcmin2.map((galaxiesPerArcmin2) =>
    shapeNoisePower({ sigmaE: survey.sigmaE, galaxiesPerArcmin2 }),
  );
  const theory = createBandTheory(survey, 'none', Float64Array.from(noise));
  const squares = Float64Array.from({ length: numMaps }, (_, i) => {
    const key = foldIn(keyOf(41), i);
    const draw = prior.toUnconstrained(prior.sample(parameterKey(key), 1).data).map((u) => width * u);
    const { x } = model.simulate(key, prior.fromUnconstrained(draw).theta);
    const { gradient, fisher } = localPosterior(
      theory,
      bandPowersOf(survey, { observation: x }),
      prior,
      draw,
    );
    const score = gradient.map((slope, a) => slope + draw[a]!);
    const ofLikelihood = fisher.map((value, at) => (at % 7 === 0 ? value - 1 : value));
    return choleskySolve(cholesky(ofLikelihood, 6), score, 6).reduce((sum, s, a) => sum + s * score[a]!, 0);
  });
  model.dispose();
  return squares;
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('calibration', () => {
  test('of 200 small maps, parameters from the prior: scores scatter as the widths say', () => {
    const squares = squaredScores('lsst-y10-demo', 200, 1);
    console.log(`mean squared score ${mean(squares)} of 6`);
    // The mean of 200 chi-squares of six has a standard error of 0.245; log-normal fields have a little more scatter than Gaussian ones,
    // by which the widths are a few per cent too small.
    expect(mean(squares)).toBeGreaterThan(6 - 5 * 0.245);
    expect(mean(squares)).toBeLessThan(6 * 1.15 + 5 * 0.245);
    // A twentieth should exceed 12.6: 10 of 200, standard deviation 3.1.
    expect(squares.filter((square) => square > 12.59).length).toBeLessThan(10 + 5 * 3.1);
  });

  test('of 60 maps of the benchmark at its parameters', () => {
    const squares = squaredScores('lsst-y10', 60, 0);
    console.log(`mean squared score ${mean(squares)} of 6`);
    expect(mean(squares)).toBeGreaterThan(6 - 5 * 0.447);
    expect(mean(squares)).toBeLessThan(6 * 1.15 + 5 * 0.447);
  });
});

describe('the public map', () => {
  test.skipIf(!hasReference(PUBLIC_MAP))(
    'gives the published figures of merit within a seventh (skipped without it)',
    async () => {
      const observation = asFloat32(await readNpy(referenceFile(PUBLIC_MAP)));
      const { chains, fit } = await inferSpectra({
        survey: surveyPreset('lsst-y10'),
        parity: 'sbi_lens',
        prior,
        observation,
        key: keyOf(1),
        numChains: 2,
        numWarmup: 200,
        untilEss: 350,
        mostSamples: 800,
        threads: 2,
        progress: silentProgress,
      });
      // 1449 degrees of freedom: standard deviation 54.
      expect(Math.abs(fit.chiSquare - fit.degreesOfFreedom)).toBeLessThan(4 * 54);
      const samples = { shape: [2 * chains.shape[1]!, 6], data: chains.data };
      const merits = [
        [0, 2, 1222],
        [0, 5, 100],
        [2, 5, 77],
      ] as const;
      // From 350 effective draws a figure of merit has a standard error of 5 %; 1222 is of another covariance and other chains.
      for (const [i, j, published] of merits)
        expect(Math.abs(figureOfMerit(samples, i, j) / published - 1)).toBeLessThan(1 / 7 + 0.05);
    },
    240_000,
  );
});
