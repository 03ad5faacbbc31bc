export {
  InvalidArgumentError,
  isLensfieldError,
  type LensfieldErrorCode,
  NumericalError,
  UnsupportedError,
} from './errors.ts';
