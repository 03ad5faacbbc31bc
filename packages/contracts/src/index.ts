export type { Compressor } from './compressor.ts';
export type { ConditionalDensity } from './conditional-density.ts';
export type { JointDensity, LogDensityAndGradient } from './log-density.ts';
export type { FloatArray, NdArray } from './nd-array.ts';
export type { Posterior } from './posterior.ts';
export type { ConstrainedPoint, Prior } from './prior.ts';
export type {
  DistributionSpecification,
  FixedSpecification,
  PriorSpecification,
} from './prior-specification.ts';
export type { Key } from './random-key.ts';
export type { SamplingAlgorithm } from './sampling-algorithm.ts';
export type { Simulation, SimulationFailure, SimulationWithScore, Simulator } from './simulator.ts';
