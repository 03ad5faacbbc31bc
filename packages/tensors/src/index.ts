export { type Adam, type AdamOptions, type AdamState, adam } from './adam.ts';
export { backendInfo, type KernelReport, kernelReport, type TensorBackendInfo } from './backend-info.ts';
export { clipByGlobalNorm, globalNorm } from './clip.ts';
export { type CompiledStep, compile } from './compile/compile.ts';
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
export { type LearningRateSchedule, learningRateAt } from './training/learning-rate.ts';
export { pickRows, repeatRows } from './training/rows.ts';
export { type RowSplit, splitRows } from './training/split.ts';
export { createStepper, type Stepper, type StepperOptions } from './training/stepper.ts';
export { runTraining, type TrainingProgress, type TrainingResult, train } from './training/train.ts';
export type { TrainingOptions } from './training/training-options.ts';
export type { LossAndBuffers, LossTensors, Minibatch, TrainingProblem } from './training/training-problem.ts';
export type { EpochRecord, TrainingState } from './training/training-state.ts';
export { type ValueAndGradients, valueAndGradients } from './value-and-gradients.ts';
