import { loadKernels } from '@lensfield/kernels';
import { largestRelativeDifference } from '@lensfield/testing';
import { expect, test } from 'vitest';
import {
  createLognormalModel,
  createSurveySpectra,
  FIDUCIAL_PARAMETERS,
  surveyPreset,
} from '../src/index.ts';

const kernels = await loadKernels({ threads: 1 });
const survey = surveyPreset('lsst-y10-demo');
const theta = Float64Array.from(Object.values(FIDUCIAL_PARAMETERS));

test.each(['none', 'sbi_lens'] as const)('are those of the simulator, parity %s', (parity) => {
  const model = createLognormalModel({ survey, kernels, parity });
  const { ell, values } = model.spectra(theta);
  const nodes = createSurveySpectra(survey, { parity, ell }).evaluate(theta).spectra;
  // The same integrals; the simulator's range of multipoles goes on for its shifts, with other nodes.
  expect(largestRelativeDifference(nodes.values, values)).toBeLessThan(4e-4);
  model.dispose();
});

test('differ between parities by more than that: a sigma_8 integral cut short', () => {
  const [own, reference] = (['none', 'sbi_lens'] as const).map(
    (parity) => createSurveySpectra(survey, { parity, ell: [1000] }).evaluate(theta).spectra.values[0]!,
  );
  expect(Math.abs(reference! / own! - 1)).toBeGreaterThan(2e-3);
});
