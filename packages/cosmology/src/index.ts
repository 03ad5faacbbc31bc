export { type DistanceTable, distanceTable } from './background.ts';
export type { BackgroundQuantity } from './background-quantity.ts';
export { type ConvergenceSpectraOptions, convergenceSpectra } from './convergence-spectra.ts';
export {
  type GaussianCovarianceOptions,
  gaussianCovariance,
  shapeNoisePower,
} from './gaussian-covariance.ts';
export { createGaussianLikelihood, type GaussianLikelihood } from './gaussian-likelihood.ts';
export { type GrowthTable, growthTable } from './growth.ts';
export type { HalofitForm } from './halofit-coefficients.ts';
export type { LensingKernels } from './lensing-kernels.ts';
export type { LimberPower } from './limber-slice.ts';
export type { LineOfSight } from './line-of-sight.ts';
export type { Sigma8Integral } from './linear-power-table.ts';
export { linearPower, type MatterPower, type MatterPowerOptions, nonlinearPower } from './matter-power.ts';
export type { MatterOptions, MatterTables } from './matter-tables.ts';
export {
  COSMOLOGY_PARAMETERS,
  type Cosmology,
  checkCosmology,
  cosmologyOf,
  HUBBLE_DISTANCE_MPC_PER_H,
  thetaOf,
} from './parameters.ts';
export {
  type RedshiftDistribution,
  type SmailOptions,
  smailDistribution,
  type TabulatedOptions,
  tabulatedDistribution,
} from './redshift-distribution.ts';
export {
  createSpectraEngine,
  type SpectraEngine,
  type SpectraEngineOptions,
  type SpectraEvaluation,
} from './spectra-engine.ts';
export { binPairs, type ConvergenceSpectra, sphericalFactor } from './spectra-projection.ts';
export {
  equalNumberEdges,
  type TomographicBins,
  type TomographicBinsOptions,
  tomographicBins,
} from './tomographic-bins.ts';
