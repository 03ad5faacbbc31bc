import { tidy } from '@tensorflow/tfjs-core';
import { adam } from '../adam.ts';
import { clipByGlobalNorm } from '../clip.ts';
import { arraysOf, type ParameterTree, tensorsOf } from '../parameters.ts';
import { valueAndGradients } from '../value-and-gradients.ts';
import type { StepRunner } from './step-runner.ts';
import { lossAndBuffers, type TrainingProblem } from './training-problem.ts';

/** Steps on TensorFlow.js's tape, op by op. */
export function tapedRunner(problem: Pick<TrainingProblem, 'loss'>): StepRunner {
  return {
    adopt: (state) => state,
    step(state, inputs, { learningRate, weightDecay, clipNorm }) {
      let buffers: ParameterTree = state.buffers;
      const { value, gradients } = valueAndGradients((parameters) => {
        const tensors = { parameters, inputs: tensorsOf(inputs), buffers: tensorsOf(state.buffers) };
        const result = lossAndBuffers(problem.loss({ ...tensors, isTraining: true }));
        buffers = { ...buffers, ...arraysOf(result.buffers) };
        return result.loss;
      }, state.optimizer.parameters);
      const norm = clipByGlobalNorm(gradients, clipNorm);
      const isTaken = Number.isFinite(value) && Number.isFinite(norm);
      if (isTaken) adam({ learningRate, weightDecay }).step(state.optimizer, gradients);
      return { loss: value, isTaken, buffers };
    },
    validate: ({ optimizer, buffers }, inputs) =>
      tidy(() => {
        const parameters = tensorsOf(optimizer.parameters);
        const tensors = { parameters, inputs: tensorsOf(inputs), buffers: tensorsOf(buffers) };
        return lossAndBuffers(problem.loss({ ...tensors, isTraining: false })).loss.dataSync()[0]!;
      }),
    dispose() {},
  };
}
