export { type Reduction, type ReductionOptions, reduceAxis, softmaxRows } from './axis-reduction.ts';
export { besselJ0, besselJ1, besselJ2 } from './bessel.ts';
export {
  type ConvolutionOptions,
  conv2d,
  conv2dFilterGradient,
  conv2dInputGradient,
  type Padding,
  type WindowGeometry,
  windowGeometry,
} from './convolution.ts';
export { type DistinctModes, distinctModes } from './distinct-modes.ts';
export {
  type BinaryOperation,
  type BroadcastAxis,
  binary,
  broadcastAxes,
  type Comparison,
  classify,
  compare,
  type LogicalOperation,
  logical,
  type NumberClass,
  type UnaryOperation,
  unary,
} from './elementwise.ts';
export {
  InvalidArgumentError,
  isLensfieldError,
  type LensfieldErrorCode,
  NumericalError,
  UnsupportedError,
} from './errors.ts';
export { cosineTables, type EvenTransformOptions, evenTransform } from './even-transform.ts';
export {
  type FftShape,
  irfft2,
  irfft2Adjoint,
  nearestFftSizes,
  rfft2,
  rfft2Adjoint,
  rfft2Beside,
} from './fft.ts';
export {
  type ChainOperand,
  type ChainPlace,
  type ChainStep,
  type FusedChain,
  MAX_CHAIN_OPERANDS,
  MAX_CHAIN_STEPS,
} from './fused-chain.ts';
export { type GemmOptions, gemm } from './gemm.ts';
export {
  type CubicSplineOptions,
  cubicSpline,
  type Interpolant,
  linearInterpolant,
} from './interpolation.ts';
export type { CallListener, KernelBackend, Kernels, LoadKernelsOptions } from './kernels.ts';
export { type BackendInfo, backendInfo, loadEveryKernels, loadKernels } from './load-kernels.ts';
export {
  addDeviation,
  fieldMoments,
  type LognormalParameters,
  type LognormalResidualArrays,
  latentGradient,
  lognormalMap,
  lognormalResidual,
  roundLatents,
  type WienerResidualArrays,
  wienerResidual,
} from './lognormal-transform.ts';
export {
  addModeVariancesGradient,
  averageModes,
  layOutModes,
  type MixModesGradientArrays,
  type ModeMixingOptions,
  mixModes,
  mixModesGradient,
  modeVariances,
  type PackedModesOptions,
  quadrantLength,
} from './mode-mixing.ts';
export {
  type NormaliseArrays,
  type NormaliseGradientArrays,
  type NormaliseShape,
  normalise,
  normaliseGradient,
} from './normalisation.ts';
export { type AdamArrays, type AdamConstants, adamStep, clipByNorm } from './optimizer.ts';
export { type CumulativeSumOptions, cumulativeSum, type SortOrderOptions, sortOrder } from './ordering.ts';
export {
  maxPool,
  maxPoolGradient,
  maxPoolSelect,
  meanPool,
  meanPoolGradient,
  type PoolingOptions,
} from './pooling.ts';
export { createProgram, type KernelProgram, kernelSignature, type RecordedCall } from './program.ts';
export { gaussLegendre, type QuadratureRule, simpsonWeights } from './quadrature.ts';
export {
  exponential,
  foldIn,
  keyOf,
  permutation,
  randomBits,
  randomIntegers,
  splitKey,
  type UniformOptions,
  uniform,
  uniformFloat64,
} from './random.ts';
export { fillBits, fillNormal, fillUniform } from './random-fill.ts';
export { fillNormalFloat64, normal, normalFloat64, truncatedNormal } from './random-normal.ts';
export { addScaled, dot, roundToFloat32, sum, sumOfSquares, widenToFloat64 } from './reductions.ts';
export { type ResizeOptions, resize, resizeGradient } from './resize.ts';
export type { KernelArray, KernelSignature } from './signature.ts';
export { cholesky, choleskySolve, determinant, inverse, solve } from './small-matrices.ts';
export { erf, erfc, erfInverse, logGamma, normalCdf, normalQuantile } from './special-functions.ts';
export {
  interpolateSpectra,
  interpolateSpectraGradient,
  type Log1pLanesGradientArrays,
  log1pLanes,
  log1pLanesGradient,
  type ModeMagnitudes,
  modeMagnitudes,
  modeMagnitudesGradient,
  type SpectrumInterpolation,
} from './spectrum-modes.ts';
export {
  type CopyAxis,
  copyStrided,
  type GatherOptions,
  gatherRows,
  scatterAddRows,
} from './strided-copy.ts';
export { type SymmetricEigen, symmetricEigen } from './symmetric-eigen.ts';
export {
  eigenLength,
  type SymmetricRootOptions,
  symmetricRootGradient,
  symmetricRoots,
} from './symmetric-root.ts';
export {
  mixWiener,
  mixWienerGradient,
  type WienerMixingArrays,
  type WienerMixingGradientArrays,
} from './wiener-mixing.ts';
export {
  type WienerGradients,
  type WienerModes,
  wienerRootGradient,
  wienerRoots,
} from './wiener-root.ts';
