export { besselJ0, besselJ1, besselJ2 } from './bessel.ts';
export {
  InvalidArgumentError,
  isLensfieldError,
  type LensfieldErrorCode,
  NumericalError,
  UnsupportedError,
} from './errors.ts';
export {
  type CubicSplineOptions,
  cubicSpline,
  type Interpolant,
  linearInterpolant,
} from './interpolation.ts';
export type { KernelBackend, Kernels, LoadKernelsOptions } from './kernels.ts';
export { type BackendInfo, backendInfo, loadEveryKernels, loadKernels } from './load-kernels.ts';
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
export { fillNormalFloat64, normal, normalFloat64, truncatedNormal } from './random-normal.ts';
export type { KernelArray } from './signature.ts';
export { cholesky, choleskySolve, determinant, inverse, solve } from './small-matrices.ts';
export { erf, erfc, erfInverse, logGamma, normalCdf, normalQuantile } from './special-functions.ts';
export { type SymmetricEigen, symmetricEigen } from './symmetric-eigen.ts';
