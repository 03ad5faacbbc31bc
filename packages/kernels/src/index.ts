export {
  InvalidArgumentError,
  isLensfieldError,
  type LensfieldErrorCode,
  NumericalError,
  UnsupportedError,
} from './errors.ts';
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
