export type {
  Certificate,
  CertificateTest,
  Control,
  ParameterRanks,
} from './certification/certificate.ts';
export { type CertifyOptions, certify } from './certification/certify.ts';
export type { LocalTestOptions } from './certification/local-test.ts';
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
export type { EnsembleProgress, EnsembleState, TrainedMember } from './estimation/ensemble.ts';
export type { EstimationOptions } from './estimation/estimation-options.ts';
export { type FixedValue, fixed, type JointPrior, jointPrior, type PriorRegion } from './joint-prior.ts';
export {
  type LikelihoodEstimator,
  type LikelihoodEstimatorParts,
  likelihoodEstimator,
} from './likelihood-estimator.ts';
export { type NleOptions, type NleProgress, type NleResult, type NleState, nle } from './nle.ts';
export { type NpeOptions, type NpeProgress, type NpeResult, type NpeState, npe } from './npe.ts';
export { type NreOptions, type NreProgress, type NreResult, type NreState, nre } from './nre.ts';
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
export { type RatioEstimator, type RatioEstimatorParts, ratioEstimator } from './ratio-estimator.ts';
export type { RatioNetwork, RatioNetworkOptions, RatioParameters } from './ratio-network.ts';
export type { RoundMethod, RoundMethods } from './round-methods.ts';
export type { SampledEstimator, SampledEstimatorParts } from './sampled-estimator.ts';
export type { Evidence, PosteriorDraws, SampledPosterior } from './sampled-posterior.ts';
export type { SamplingMethod, SamplingOptions } from './sampling/sampling-options.ts';
export type { SamplingReport } from './sampling/sampling-report.ts';
export {
  type SequentialOptions,
  type SequentialRound,
  type SequentialRoundState,
  type SequentialState,
  sequential,
} from './sequential.ts';
export type { SimulationLedger, SimulationSet } from './simulation-ledger.ts';
export { type RankingPosterior, type TruncationOptions, truncatePrior } from './truncated-prior.ts';
