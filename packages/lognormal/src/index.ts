export type { SimulationFailure } from '@lensfield/contracts';
export { createFieldEngine, type FieldEngine, type FieldEngineOptions } from './field-engine.ts';
export type { VarianceChoice } from './field-likelihood.ts';
export {
  createJointDensity,
  FIDUCIAL_PARAMETERS,
  type LatentCoordinates,
  type LognormalJointDensity,
  type LognormalJointDensityOptions,
} from './joint-density.ts';

export {
  createLognormalModel,
  type LognormalModel,
  type LognormalModelOptions,
  type ModelSpectra,
  parameterKey,
} from './lognormal-model.ts';
export {
  createMarginalScore,
  type MarginalScore,
  type MarginalScoreOfMap,
  type MarginalScoreOptions,
} from './marginal-score/marginal-score.ts';
export { sbiLensShifts } from './shift/sbi-lens-shifts.ts';
export {
  createSpectraAndShifts,
  type SpectraAndShifts,
  type SpectraAndShiftsEngine,
  type SpectraAndShiftsOptions,
} from './shift/spectra-and-shifts.ts';
export {
  type SimulateManyOptions,
  type SimulationProgress,
  simulateMany,
  simulationBatches,
} from './simulate-many.ts';
export type { SimulationBatch } from './simulation-batch.ts';
export {
  noiseStandardDeviations,
  numBins,
  pixelSizeArcmin,
  type SmailRedshifts,
  type Survey,
  type SurveyRedshifts,
  type TabulatedRedshifts,
} from './survey.ts';
export { SURVEY_PRESETS, surveyPreset } from './survey-presets.ts';
export { createSurveySpectra, type Parity, sourceBins } from './survey-theory.ts';
export { validateSurvey } from './survey-validation.ts';
export type { FieldStatistics, FieldStatisticsJacobian, Theory } from './theory.ts';
