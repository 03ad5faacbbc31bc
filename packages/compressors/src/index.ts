export { createCompressor, type MapFeatures } from './compressor.ts';
export { type CompressorParameters, fromArrays, toArrays } from './compressor-parameters.ts';
export type { CompressorTrainingOptions, CompressorTrainingResult } from './compressor-training.ts';
export {
  type Activation,
  type ConvolutionalNetwork,
  type ConvolutionalNetworkOptions,
  createConvolutionalNetwork,
  type GlobalPooling,
} from './convolutional-network.ts';
export { createFeatureBank, type FeatureBank, type FeatureBankOptions } from './feature-bank.ts';
export type { FeatureMoments } from './feature-standardisation.ts';
export type { FeatureWhitening } from './feature-whitening.ts';
export { initNetwork } from './initial-weights.ts';
export { type CompressorLoss, mse, type VariationalHead, type VariationalHeadFor, vmim } from './losses.ts';
export { averagePool } from './maps/average-pooling.ts';
export { type BandPowerOptions, type BandPowers, bandPowers } from './maps/band-powers.ts';
export { type MapSet, type MapShape, mapsInMemory } from './maps/map-set.ts';
export {
  type MapGeometry,
  type MapStatistics,
  type ModeStatistic,
  mapStatistics,
} from './maps/map-statistics.ts';
export { type NoiseModel, type NoisyBatches, noisyBatches } from './maps/noisy-batch.ts';
export { type QuantisedMaps, quantisedMaps } from './maps/quantised-maps.ts';
export { type ScalePair, type ThirdMomentOptions, thirdMoments } from './maps/third-moments.ts';
export {
  createScoreCompressor,
  type ScoreCompression,
  type ScoreCompressionOptions,
  scoreCompression,
} from './score-compressor.ts';
export { type MapTrainingOptions, trainCompressor } from './train-compressor.ts';
export { type FeatureTrainingOptions, trainOnFeatures } from './train-on-features.ts';
