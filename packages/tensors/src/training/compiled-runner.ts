import type { Kernels } from '@lensfield/kernels';
import { engine, type Scalar } from '@tensorflow/tfjs-core';
import type { KernelsBackend } from '../backend/kernels-backend.ts';
import { buildProgram, type Pins } from '../compile/build-program.ts';
import { fillInputs, freePinned, pinnedInputs, pinnedOutputs, shapesKey } from '../compile/pinned-arrays.ts';
import { secondRunCheck } from '../compile/same-trace.ts';
import { type TracedStep, traceStep } from '../compile/trace-step.ts';
import { type ParameterTree, type ParameterVector, parameterTree } from '../parameters.ts';
import type { StepRunner } from './step-runner.ts';
import { lossAndBuffers, type TrainingProblem } from './training-problem.ts';
import type { TrainingState } from './training-state.ts';
import { type FlatState, flatState, pinnedUpdate } from './update-call.ts';

/** A program with the arrays through which numbers come and go. */
interface LossProgram {
  /** Copies the numbers in and runs. */
  run(state: TrainingState, inputs: ParameterTree): void;
  /** The results by name: `loss`, and the next buffers in a training step. */
  readonly results: ParameterTree;
  dispose(): void;
}

const LOSS = 'loss';

/**
 * Steps that are traced once for each set of shapes and replayed by one call into C, optimiser included. The parameters live in the
 * engine's memory, where programs read them and the optimiser changes them.
 */
export function compiledRunner(backend: KernelsBackend, problem: Pick<TrainingProblem, 'loss'>): StepRunner {
  const { kernels } = backend;
  const steps = new Map<string, LossProgram>();
  const validations = new Map<string, LossProgram>();
  let flat: FlatState | undefined;

  function programFor(
    programs: Map<string, LossProgram>,
    state: TrainingState,
    inputs: ParameterTree,
    isTraining: boolean,
  ): LossProgram {
    const key = shapesKey(inputs);
    let program = programs.get(key);
    if (!program) {
      const { parameters } = flat!.optimizer;
      const trace = (at: TrainingState, arrays: ParameterTree) =>
        tracedLoss(backend, problem, { parameters, inputs: arrays, buffers: at.buffers, isTraining });
      program = lossProgram(kernels, flat!, isTraining, trace, trace(state, inputs));
      programs.set(key, program);
    }
    return program;
  }

  return {
    adopt(state) {
      flat = flatState(kernels, state.optimizer);
      return { ...state, optimizer: flat.optimizer };
    },
    step(state, inputs, settings) {
      const program = programFor(steps, state, inputs, true);
      flat!.writeSettings(settings, state.optimizer.step + 1);
      program.run(state, inputs);
      const { loss, isTaken } = flat!.report();
      return {
        loss,
        isTaken,
        buffers: isTaken ? nextBuffers(state.buffers, program.results) : state.buffers,
      };
    },
    validate(state, inputs) {
      const program = programFor(validations, state, inputs, false);
      program.run(state, inputs);
      return program.results[LOSS]!.data[0]!;
    },
    dispose() {
      for (const programs of [steps, validations]) {
        for (const program of programs.values()) program.dispose();
        programs.clear();
      }
      flat?.dispose();
    },
  };
}

function nextBuffers(buffers: ParameterTree, results: ParameterTree): ParameterTree {
  const entries = Object.entries(buffers).map(([name, before]) => {
    const after = results[bufferName(name)];
    return [name, after ? { shape: after.shape, data: after.data.slice() } : before] as const;
  });
  return Object.fromEntries(entries);
}

const bufferName = (name: string): string => `buffer ${name}`;
const gradientName = (name: string): string => `gradient ${name}`;

interface TracedValues {
  readonly parameters: ParameterVector;
  readonly inputs: ParameterTree;
  readonly buffers: ParameterTree;
  readonly isTraining: boolean;
}

/** The loss as `loss`, in training also the gradients and the buffers of the next step. */
function tracedLoss(
  backend: KernelsBackend,
  problem: Pick<TrainingProblem, 'loss'>,
  values: TracedValues,
): TracedStep {
  const { isTraining } = values;
  const trees = [parameterTree(values.parameters), values.inputs, values.buffers];
  return traceStep(backend, trees, ([parameters, inputs, buffers], output) => {
    const loss = (): Scalar => {
      const result = lossAndBuffers(
        problem.loss({ parameters: parameters!, inputs: inputs!, buffers: buffers!, isTraining }),
      );
      if (isTraining)
        for (const [name, tensor] of Object.entries(result.buffers)) output(bufferName(name), tensor);
      return result.loss;
    };
    if (!isTraining) {
      output(LOSS, loss());
      return;
    }
    const names = Object.keys(parameters!);
    const { value, grads } = engine().gradients(loss, Object.values(parameters!), undefined, true);
    output(LOSS, value);
    names.forEach((name, i) => {
      const gradient = grads[i];
      if (gradient) output(gradientName(name), gradient);
    });
  });
}

function lossProgram(
  kernels: Kernels,
  flat: FlatState,
  isTraining: boolean,
  trace: (state: TrainingState, inputs: ParameterTree) => TracedStep,
  traced: TracedStep,
): LossProgram {
  const check = secondRunCheck(traced);
  const [parameterBuffers, inputBuffers, bufferBuffers] = traced.inputs;
  const pins: Pins = new Map();
  flat.pinParameters(parameterBuffers!, pins);
  const inputArrays = pinnedInputs(kernels, inputBuffers!, pins);
  const bufferArrays = pinnedInputs(kernels, bufferBuffers!, pins);
  const places = isTraining ? flat.gradientPlaces(gradientName) : {};
  const { tree: results, buffers: outputs, copies } = pinnedOutputs(kernels, traced.outputs, pins, places);
  const calls = [...traced.calls, ...copies];
  if (isTraining) {
    const loss = [...pins.keys()].find((buffer) => pins.get(buffer) === results[LOSS]!.data)!;
    const update = pinnedUpdate(flat, loss, [...outputs], pins);
    calls.push(update.call);
    outputs.add(update.report);
  }
  const program = buildProgram(kernels, calls, pins, outputs);
  return {
    results,
    run(state, inputs) {
      check(() => trace(state, inputs));
      fillInputs(inputArrays, inputs);
      fillInputs(bufferArrays, state.buffers);
      program.run();
    },
    dispose() {
      program.dispose();
      freePinned(kernels, inputArrays, results);
      freePinned(kernels, bufferArrays, {});
    },
  };
}
