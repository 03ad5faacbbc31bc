export { conditionalDensity, type FlowDensity } from './conditional-density.ts';
export {
  type AffineOptions,
  type AffineTransform,
  type AutoregressiveFlow,
  type AutoregressiveOptions,
  type BijectiveArchitecture,
  type BijectiveFlow,
  type CouplingFlow,
  createFlow,
  type Flow,
  type FlowArchitecture,
  type FlowOptions,
  type FlowSizes,
  type GaussianMixture,
  type LayeredFlow,
  type LayeredOptions,
  type Mixing,
  type MixtureOptions,
  type SmoothOptions,
  type SmoothTransform,
  type SplineOptions,
  type SplineTransform,
  type Transform,
  type TransformOptions,
} from './flow.ts';
export type { ScoreTerm } from './flow-loss.ts';
export { type FlowParameters, fromArrays, toArrays } from './flow-parameters.ts';
export { initFlow } from './initial-weights.ts';
export { logProbTensor, toBaseTensor } from './log-prob.ts';
export { mixtureDensity } from './mixture-density.ts';
export { type StandardCoordinates, toStandard } from './standard-coordinates.ts';
export {
  identityStandardisation,
  type Standardisation,
  type StandardisationKind,
  standardisationLogDet,
  standardise,
} from './standardisation.ts';
export { type FlowTrainingOptions, type FlowTrainingResult, trainFlow } from './train-flow.ts';
