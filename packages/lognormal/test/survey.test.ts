import { describe, expect, test } from 'vitest';
import {
  noiseStandardDeviations,
  pixelSizeArcmin,
  SURVEY_PRESETS,
  sourceBins,
  surveyPreset,
  validateSurvey,
} from '../src/index.ts';

describe('presets', () => {
  test('lsst-y10 has the noise and edges of the benchmark, the demo the same pixels', () => {
    const survey = surveyPreset('lsst-y10');
    const demo = surveyPreset('lsst-y10-demo');
    expect(pixelSizeArcmin(survey)).toBe(2.34375);
    expect(pixelSizeArcmin(demo)).toBe(2.34375);
    for (const sd of noiseStandardDeviations(survey)) expect(sd).toBeCloseTo(0.04774, 5);
    expect(noiseStandardDeviations(demo)).toEqual(noiseStandardDeviations(survey));
    /* Each bin peaks between the benchmark's photometric edges 0, 0.4535, 0.7224, 1.0420, 1.5392, 10. */
    const edges = [0, 0.4535, 0.7224, 1.042, 1.5392, 10];
    sourceBins(survey).forEach(({ density }, bin) => {
      const z = Array.from({ length: 500 }, (_, i) => 0.01 + i * 0.01);
      const peak = z.reduce((best, x) => (density(x) > density(best) ? x : best));
      expect(peak).toBeGreaterThan(edges[bin]!);
      expect(peak).toBeLessThan(edges[bin + 1]!);
    });
  });

  test('every preset is valid; unknown names are refused', () => {
    for (const name of SURVEY_PRESETS) expect(validateSurvey(surveyPreset(name)).name).toBe(name);
    expect(() => surveyPreset('euclid')).toThrow(/name must be one of lsst-y10, lsst-y10-demo; got euclid/);
    expect(() => surveyPreset('constructor')).toThrow(/name must be one of/);
  });
});

describe('validateSurvey', () => {
  const good = surveyPreset('lsst-y10-demo');
  const table = {
    ...good,
    galaxiesPerArcmin2: [10],
    redshifts: { family: 'table', z: [0, 1, 2], density: [[0, 1, 0]] },
  };

  test('takes tables', () => {
    expect(validateSurvey(table).redshifts.family).toBe('table');
  });

  test.each<[object | string | null, RegExp]>([
    [null, /survey must be an object; got null/],
    ['lsst', /survey must be an object; got lsst/],
    [{ ...good, mask: 1 }, /survey.mask must not be given .*; got mask/],
    [{ ...good, name: '' }, /survey.name must be a text/],
    [{ ...good, mapSize: 2 }, /survey.mapSize must be an integer of at least 4; got 2/],
    [{ ...good, mapSize: 63.5 }, /survey.mapSize must be an integer/],
    [{ ...good, mapSize: 62 }, /no prime factors but 2, 3 and 5; got 62. Use 60 or 64/],
    [{ ...good, fieldSizeDeg: 90 }, /survey.fieldSizeDeg must be positive and at most 60; got 90/],
    [{ ...good, fieldSizeDeg: 0 }, /survey.fieldSizeDeg must be positive/],
    [{ ...good, sigmaE: -1 }, /survey.sigmaE must be a positive number; got -1/],
    [{ ...good, galaxiesPerArcmin2: [] }, /survey.galaxiesPerArcmin2 must be a list of numbers/],
    [
      { ...good, galaxiesPerArcmin2: [1, '2'] },
      /survey.galaxiesPerArcmin2\[1\] must be a finite number; got 2/,
    ],
    [
      { ...good, galaxiesPerArcmin2: [1, 0] },
      /survey.galaxiesPerArcmin2\[1\] must be a positive number; got 0/,
    ],
    [
      { ...good, galaxiesPerArcmin2: [1, 1] },
      /redshifts.numBins must be the number of densities .* 2; got 5/,
    ],
    [{ ...good, galaxiesPerArcmin2: Array(17).fill(1) }, /at most 16 bins; got 17/],
    [
      { ...good, redshifts: { family: 'gauss' } },
      /survey.redshifts.family must be smail or table; got gauss/,
    ],
    [
      { ...good, redshifts: { ...good.redshifts, z0: 'x' } },
      /survey.redshifts.z0 must be a positive number; got x/,
    ],
    [{ ...good, redshifts: { family: 'smail' } }, /survey.redshifts.alpha must be given/],
    [{ ...table, redshifts: { family: 'table', z: [0, 2, 1], density: [[0, 1, 0]] } }, /ascending redshifts/],
    [{ ...table, redshifts: { family: 'table', z: [0, 1, 2], density: [] } }, /one row per bin, 1; got 0/],
    [
      { ...table, redshifts: { family: 'table', z: [0, 1, 2], density: [[1, 2]] } },
      /must have 3 values, as z has; got 2/,
    ],
    [{ ...table, redshifts: { family: 'table', z: [0, 1, 2], density: [[0, 0, 0]] } }, /not zero everywhere/],
  ])('refuses %j', (survey, message) => {
    expect(() => validateSurvey(survey)).toThrow(message);
  });

  test('a missing key is named', () => {
    const { sigmaE: _, ...rest } = good;
    expect(() => validateSurvey(rest)).toThrow(/survey.sigmaE must be given; got undefined/);
  });
});
