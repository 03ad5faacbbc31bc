export { type Adam, type AdamOptions, type AdamState, adam } from './adam.ts';
export { clipByGlobalNorm, globalNorm } from './clip.ts';
export { initTensors, type TensorBackend, type TensorOptions } from './init.ts';
export { irfft2, rfft2 } from './ops/fourier.ts';
export {
  arrayOf,
  arraysOf,
  disposeTree,
  type ParameterTree,
  type ParameterVector,
  parameterTree,
  parameterVector,
  type TensorTree,
  tensorOf,
  tensorsOf,
} from './parameters.ts';
export * as tf from './tf.ts';
export { type ValueAndGradients, valueAndGradients } from './value-and-gradients.ts';
