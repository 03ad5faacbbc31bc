export type { AdaptationOptions } from './adaptation/adaptation-options.ts';
export {
  type DualAveraging,
  type DualAveragingOptions,
  type DualAveragingState,
  dualAveraging,
} from './adaptation/dual-averaging.ts';
export { findInitialStepSize } from './adaptation/initial-step-size.ts';
export { type MclmcTuning, type MclmcTuningOptions, tuneMclmc } from './adaptation/mclmc-tuning.ts';
export type { DiagonalEstimate, MetricEstimate } from './adaptation/metric-estimate.ts';
export type { Proposal, TrajectoryLengthState } from './adaptation/trajectory-length.ts';
export {
  type AdaptationState,
  type WindowedAdaptation,
  windowedAdaptation,
} from './adaptation/windowed-adaptation.ts';
export { type WarmupSchedule, warmupSchedule } from './adaptation/windows.ts';
export {
  type AdjustedMclmcInfo,
  type AdjustedMclmcKernelOptions,
  type AdjustedMclmcOptions,
  adjustedMclmc,
} from './adjusted-mclmc.ts';
export { type Chain, type ChainOptions, type ChainState, createChain } from './chain.ts';
export type { ChainResult, Divergences, StopReason } from './chain-result.ts';
export { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
export {
  type AdaptedHmcKernelOptions,
  buildHmcKernel,
  type HmcInfo,
  type HmcKernelOptions,
  type HmcOptions,
  hmc,
} from './hmc.ts';
export {
  blanesThreeStage,
  type Integrator,
  inGaussian,
  integrate,
  mclachlan,
  omelyan,
  velocityVerlet,
} from './integrators.ts';
export type { LowRank } from './low-rank.ts';
export {
  type ManyChainsOptions,
  type ManyChainsProgress,
  type ManyChainsResult,
  type ManyLogDensities,
  runManyChains,
} from './many-chains/density.ts';
export { type ManyNutsOptions, type ManyNutsResult, manyNuts } from './many-chains/many-nuts.ts';
export { type ManySliceOptions, type ManySliceResult, manySlice } from './many-chains/many-slice.ts';
export { type MclmcInfo, type MclmcOptions, type MclmcState, mclmc } from './mclmc.ts';
export {
  blockMetric,
  denseMetric,
  diagonalMetric,
  type GaussianReference,
  lowRankMetric,
  type Metric,
  unitMetric,
} from './metric.ts';
export { buildNutsKernel, type NutsInfo, type NutsKernelOptions, type NutsOptions, nuts } from './nuts.ts';
export { type PathfinderOptions, type PathfinderResult, pathfinder } from './pathfinder.ts';
export type { PhasePoint } from './phase-point.ts';
export { type ChainRecord, type SnapshotOptions, type StatisticName, snapshotDistance } from './recording.ts';
export { type ChainProgress, type RunChainOptions, type RunChainResult, runChain } from './run-chain.ts';
export { type ChainsResult, type RunChainsOptions, runChains } from './run-chains.ts';
export { pooledMoments, type RunningMoments, varianceOf } from './running-moments.ts';
export type { SamplerOptions } from './sampler.ts';
export type { SamplerState, TransitionInfo, TransitionKernel } from './state.ts';
export type { Target, TargetModule } from './target.ts';
