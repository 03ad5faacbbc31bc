import type { Kernels } from '@lensfield/kernels';
import { createFieldEngine, type FieldEngine } from './field-engine.ts';
import type { VarianceChoice } from './field-likelihood.ts';
import { noiseStandardDeviations, numBins, type Survey } from './survey.ts';
import { type Parity, surveyTheory } from './survey-theory.ts';
import type { PixelData } from './wiener/linear-model.ts';
import { createWienerEngine, type WienerEngine } from './wiener/wiener-engine.ts';

/** The field engine of a valid survey. */
export function surveyFieldEngine(survey: Survey, parity: Parity, kernels: Kernels): FieldEngine {
  return createFieldEngine(engineOptions(survey, parity, kernels));
}

/** The engine of one map of a valid survey in Wiener coordinates. */
export function surveyWienerEngine(
  survey: Survey,
  parity: Parity,
  kernels: Kernels,
  data: PixelData,
): WienerEngine {
  return createWienerEngine({ ...engineOptions(survey, parity, kernels), data });
}

function engineOptions(survey: Survey, parity: Parity, kernels: Kernels) {
  return {
    kernels,
    mapSize: survey.mapSize,
    fieldSizeDeg: survey.fieldSizeDeg,
    numBins: numBins(survey),
    noise: noiseStandardDeviations(survey),
    variance: varianceOf(parity),
    theoryAt: (ell: Float64Array) => surveyTheory(survey, parity, ell),
  };
}

/** The reference takes the variance of each map. */
export function varianceOf(parity: Parity): VarianceChoice {
  return parity === 'none' ? 'ensemble' : 'sample';
}
