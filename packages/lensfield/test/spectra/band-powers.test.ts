import { foldIn, keyOf, loadKernels } from '@lensfield/kernels';
import { createLognormalModel, FIDUCIAL_PARAMETERS, surveyPreset } from '@lensfield/lognormal';
import { describe, expect, test } from 'vitest';
import { bandEdgesOf } from '../../src/recipes/spectra/band-edges.ts';
import { bandPowersOf, createBandTheory } from '../../src/recipes/spectra/band-powers.ts';

const TRUTH = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));

describe('bands', () => {
  test("of the benchmark's map are the benchmark's: 97, 50 wide, from 100", () => {
    const edges = bandEdgesOf(surveyPreset('lsst-y10'));
    expect([edges.length, edges[0], edges[1], edges.at(-1)]).toEqual([98, 100, 150, 4950]);
  });

  test.each([
    [64, 2.5],
    [32, 2.5],
    [16, 4],
    [128, 5],
    [4, 10],
  ])(
    'of a map of %i pixels and %d degrees each hold a mode and end near the Nyquist frequency',
    (mapSize, fieldSizeDeg) => {
      const survey = { ...surveyPreset('lsst-y10-demo'), mapSize, fieldSizeDeg };
      const map = { shape: [mapSize, mapSize, 5], data: new Float32Array(5 * mapSize ** 2) };
      const { numModes, ell } = bandPowersOf(survey, { observation: map });
      expect(Math.min(...numModes)).toBeGreaterThan(0);
      const nyquist = (180 * mapSize) / fieldSizeDeg;
      expect(bandEdgesOf(survey).at(-1)).toBeLessThanOrEqual(1.08 * nyquist);
      expect(ell.length === 1 || bandEdgesOf(survey).at(-1)! > 0.9 * nyquist).toBe(true);
    },
  );
});

/** Deviations of the mean powers of noisy maps from theory in standard errors, [pairs * bands], by the scatter of the maps themselves. */
async function deviations(parity: 'none' | 'sbi_lens', numMaps: number) {
  const kernels = await loadKernels({ threads: 1 });
  const survey = surveyPreset('lsst-y10');
  const model = createLognormalModel({ survey, kernels, parity });
  const powers = Array.from({ length: numMaps }, (_, i) =>
    bandPowersOf(survey, { observation: model.simulate(foldIn(keyOf(31), i), TRUTH).x }),
  );
  const { values } = createBandTheory(survey, parity, powers[0]!.noise).evaluate(TRUTH);
  model.dispose();
  return Array.from(values, (expected, k) => {
    const mean = powers.reduce((sum, power) => sum + power.values[k]!, 0) / numMaps;
    const variance = powers.reduce((sum, power) => sum + (power.values[k]! - mean) ** 2, 0) / (numMaps - 1);
    return (mean - expected) / Math.sqrt(variance / numMaps);
  });
}

describe('theory', () => {
  test.each(['none', 'sbi_lens'] as const)(
    'is the mean of 80 maps in every band of every pair up to 4950, parity %s',
    async (parity) => {
      const z = await deviations(parity, 80);
      expect(z).toHaveLength(15 * 97);
      const rms = Math.sqrt(z.reduce((sum, value) => sum + value ** 2, 0) / z.length);
      const largest = Math.max(...z.map(Math.abs));
      console.log(`rms of deviations ${rms}, largest ${largest}`);
      // Student's t of 79 degrees of freedom has rms 1.013. Pairs of a band are correlated by up to 0.9, so that of 1455 some 400 count: the
      // rms has a standard error of 0.035. The largest of 1455 exceeds 4.8 in one case of a hundred.
      expect(Math.abs(rms - 1.013)).toBeLessThan(5 * 0.035);
      expect(largest).toBeLessThan(4.8);
      // Nor is there a trend: means of ten neighbouring bands of one pair.
      const means = Array.from({ length: 15 * 9 }, (_, k) => {
        const start = 97 * Math.floor(k / 9) + 10 * (k % 9);
        return z.slice(start, start + 10).reduce((sum, value) => sum + value, 0) / Math.sqrt(10);
      });
      // Skewed fields make neighbouring bands rise and fall together a little.
      expect(Math.max(...means.map(Math.abs))).toBeLessThan(5);
    },
    120_000,
  );
});
