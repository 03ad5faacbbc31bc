import { expect, it } from 'vitest';
import * as sbi from '../src/index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(sbi).sort()).toMatchInlineSnapshot(`
    [
      "certify",
      "checkObservation",
      "directPosterior",
      "distributionOf",
      "fixed",
      "jointPrior",
      "likelihoodEstimator",
      "logNormal",
      "nle",
      "normal",
      "npe",
      "nre",
      "paperPrior",
      "posteriorEstimator",
      "priorOf",
      "ratioEstimator",
      "sequential",
      "summaryDistribution",
      "truncatePrior",
      "truncatedNormal",
      "uniform",
    ]
  `);
});
