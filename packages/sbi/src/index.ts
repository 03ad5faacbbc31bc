export {
  type CalibrateOptions,
  type Calibration,
  calibrate,
  type ParameterCalibration,
} from './calibration.ts';
export { type DirectPosterior, type DirectPosteriorOptions, directPosterior } from './direct-posterior.ts';
export type { Distribution, DistributionPoint } from './distributions/distribution.ts';
export { logNormal } from './distributions/log-normal.ts';
export { normal } from './distributions/normal.ts';
export type {
  DistributionSpecification,
  FixedSpecification,
  PriorSpecification,
} from './distributions/specification.ts';
export { truncatedNormal } from './distributions/truncated-normal.ts';
export { uniform } from './distributions/uniform.ts';
export { type FixedValue, fixed, type JointPrior, jointPrior, type PriorRegion } from './joint-prior.ts';
export {
  type NpeOptions,
  type NpeProgress,
  type NpeResult,
  type NpeState,
  npe,
  type TrainedMember,
} from './npe.ts';
export {
  checkObservation,
  type ObservationCheck,
  type SummaryDistribution,
  summaryDistribution,
} from './observation-check.ts';
export { paperPrior } from './paper-prior.ts';
export {
  type ObservedPosterior,
  type PosteriorEstimator,
  type PosteriorEstimatorParts,
  posteriorEstimator,
} from './posterior-estimator.ts';
export { distributionOf, priorOf } from './prior-specification.ts';
export type { SimulationLedger, SimulationSet } from './simulation-ledger.ts';
export { type TruncationOptions, truncatePrior } from './truncated-prior.ts';
