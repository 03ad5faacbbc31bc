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
export { type FixedValue, fixed, type JointPrior, jointPrior } from './joint-prior.ts';
export { paperPrior } from './paper-prior.ts';
export { distributionOf, priorOf } from './prior-specification.ts';
