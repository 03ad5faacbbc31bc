import { foldIn, keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, FIDUCIAL_PARAMETERS, surveyPreset } from '@lensfield/lognormal';
import { describe, expect, test } from 'vitest';
import type { ObservedMap } from '../../src/recipes/observed-map.ts';
import { bandEdgesOf } from '../../src/recipes/spectra/band-edges.ts';
import { observedSpectra } from '../../src/recipes/spectra/observed-spectra.ts';

const survey = surveyPreset('lsst-y10-demo');
const model = createLognormalModel({ survey, kernels: await loadKernels({ threads: 1 }) });
const truth = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));
const { mapSize } = survey;
const numBins = survey.galaxiesPerArcmin2.length;
const NUM_MAPS = 200;

/** A quarter of the map is missing, and every eleventh pixel of the last bin. */
const isMissing = (pixel: number, bin: number) =>
  pixel % mapSize < mapSize / 4 || (bin === numBins - 1 && pixel % 11 === 3);

function withHoles(observation: ObservedMap['observation']): ObservedMap {
  const missing = (i: number) => isMissing(Math.floor(i / numBins), i % numBins);
  const deviation = (i: number) => model.noiseStandardDeviations[i % numBins]!;
  return {
    observation: { ...observation, data: observation.data.map((x, i) => (missing(i) ? 0 : x)) },
    noise: { ...observation, data: observation.data.map((_, i) => (missing(i) ? Infinity : deviation(i))) },
  };
}

describe('spectra of maps with holes', () => {
  const edges = bandEdgesOf(survey);
  const simulated = Array.from({ length: NUM_MAPS }, (_, i) => model.simulate(foldIn(keyOf(51), i), truth).x);
  const whole = simulated.map((observation) => observedSpectra(survey, { observation }, edges));
  const holed = simulated.map((observation) => observedSpectra(survey, withHoles(observation), edges));
  const numBands = whole[0]!.ell.length;

  /** Power in all modes of a pair together. */
  const powerOf = ({ values }: { readonly values: Float64Array }, row: number) =>
    whole[0]!.numModes.reduce((sum, modes, band) => sum + modes * values[row * numBands + band]!, 0);

  test('are on average those of whole maps', () => {
    whole[0]!.pairs.forEach(([i, j], row) => {
      const of = (spectra: typeof whole) => spectra.map((one) => powerOf(one, row));
      const [own, changed] = [of(whole), of(holed)];
      const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / NUM_MAPS;
      const difference = changed.map((power, map) => power - own[map]!);
      const scatter = Math.sqrt(mean(difference.map((d) => (d - mean(difference)) ** 2)) / (NUM_MAPS - 1));
      // 15 pairs: a normal deviate beyond 4 would be one chance in a thousand.
      expect(Math.abs(mean(difference)) / scatter, `pair ${i}, ${j}`).toBeLessThan(4);
      // Measured within 0.4 %; uncorrected, holes would take a quarter.
      if (i === j) expect(Math.abs(mean(changed) / mean(own) - 1)).toBeLessThan(0.01);
    });
  });

  test('have the noise of the pixels with data, and as many modes as those', () => {
    holed[0]!.noise.forEach((noise, bin) => {
      expect(noise / whole[0]!.noise[bin]!).toBeCloseTo(1, 5);
    });
    const share = holed[0]!.numModes[0]! / whole[0]!.numModes[0]!;
    expect(share).toBeLessThan(0.75);
    expect(share).toBeGreaterThan(0.72);
  });
});
