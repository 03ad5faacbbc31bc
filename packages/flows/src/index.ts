export { conditionalDensity, type FlowDensity } from './conditional-density.ts';
export { type FlowParameters, fromArrays, toArrays } from './flow-parameters.ts';
export { initFlow } from './initial-weights.ts';
export { logProbTensor, toBaseTensor } from './log-prob.ts';
export { mixtureDensity } from './mixture-density.ts';
export { createRealNvp, type Mixing, type RealNvp, type RealNvpOptions } from './real-nvp.ts';
export {
  identityStandardisation,
  type Standardisation,
  type StandardisationKind,
  standardise,
} from './standardisation.ts';
export { type FlowTrainingOptions, type FlowTrainingResult, trainFlow } from './train-flow.ts';
