import { expect, test } from 'vitest';
import * as lognormal from '../src/index.ts';

test('exports what it says and nothing else', () => {
  expect(Object.keys(lognormal).sort()).toMatchInlineSnapshot(`
    [
      "FIDUCIAL_PARAMETERS",
      "SURVEY_PRESETS",
      "createFieldEngine",
      "createJointDensity",
      "createLognormalModel",
      "createMarginalScore",
      "createSpectraAndShifts",
      "createSurveySpectra",
      "noiseStandardDeviations",
      "numBins",
      "parameterKey",
      "pixelSizeArcmin",
      "sbiLensShifts",
      "simulateMany",
      "simulationBatches",
      "sourceBins",
      "surveyPreset",
      "validateSurvey",
    ]
  `);
});
