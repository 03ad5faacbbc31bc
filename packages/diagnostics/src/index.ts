export type { CoverageCurve, CoverageOptions } from './calibration/_coverage-curve.ts';
export type { NormalScores } from './calibration/_normal-scores.ts';
export type { CalibrationSet } from './calibration/_simulations.ts';
export { type ExpectedCoverageOptions, expectedCoverage } from './calibration/expected-coverage.ts';
export { type RankScores, type RankScoresOptions, rankScores } from './calibration/rank-scores.ts';
export {
  type RankUniformity,
  type RankUniformityOptions,
  rankUniformity,
} from './calibration/rank-uniformity.ts';
export { type SbcOptions, type SbcRanks, sbcRanks } from './calibration/sbc.ts';
export { type TarpOptions, tarp } from './calibration/tarp.ts';
export { autocovariance } from './chains/autocovariance.ts';
export {
  type DivergenceLocation,
  type DivergentTrajectories,
  divergenceLocations,
} from './chains/divergence-locations.ts';
export { essBulk, essMean, essQuantile, essSd, essTail } from './chains/effective-sample-size.ts';
export { mcseMean, mcseQuantile, mcseSd } from './chains/monte-carlo-standard-error.ts';
export { rhat } from './chains/rhat.ts';
export { type C2stOptions, type C2stResult, c2st } from './classifier/c2st.ts';
export { type Lc2stOptions, type Lc2stResult, lc2st } from './classifier/lc2st.ts';
export { type BandQuadrature, bandQuadrature } from './maps/band-quadrature.ts';
export { type MeasuredSpectra, measuredSpectra } from './maps/measured-spectra.ts';
export { type MapMoments, mapMoments, type OnePointFunction, onePointFunction } from './maps/one-point.ts';
export { bandAverages, evenBandEdges, type SpectrumBands } from './maps/spectrum-bands.ts';
export {
  type ChainSummary,
  figureOfMerit,
  type ParameterSummary,
  type SummaryOptions,
  summarizeChains,
  summarizeSamples,
} from './posterior-summary.ts';
