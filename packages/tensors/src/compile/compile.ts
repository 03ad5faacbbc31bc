import type { KernelsBackend } from '../backend/kernels-backend.ts';
import type { ParameterTree, TensorTree } from '../parameters.ts';
import { type BuiltProgram, buildProgram, type Pins } from './build-program.ts';
import { fillInputs, freePinned, pinnedInputs, pinnedOutputs, shapesKey } from './pinned-arrays.ts';
import { secondRunCheck } from './same-trace.ts';
import { compilingBackend, type TracedStep, traceStep } from './trace-step.ts';

/** A step that has been compiled; {@link compile}. */
export interface CompiledStep {
  /** The results by name. Their arrays belong to the compiled step: the next call overwrites them. */
  (inputs: ParameterTree): ParameterTree;
  /** Programs that are kept (one for each set of shapes), kernel calls and bytes of all of them. */
  report(): { readonly programs: number; readonly calls: number; readonly bytes: number };
  /** Gives the memory of all programs back. A later call compiles again. */
  dispose(): void;
}

/** Shapes beyond which the oldest program is given up. */
const MAX_PROGRAMS = 16;

/**
 * Compiles a function of tensors: the first call traces it, later calls replay what was recorded in one call into C.
 *
 * A trace holds the kernel calls of the step with all shapes, and plain numbers and arrays of JavaScript as constants: what changes
 * from call to call must be an input. There is no tape and no dispatch in a replay, element-wise runs go through memory once, and
 * nothing is left for the garbage collector. A call with other shapes traces again. The second call with the same shapes is traced
 * too and compared, so that a step that does not do the same each time is refused and not replayed wrongly.
 *
 * @param step  Takes its inputs as tensors and returns named float32 tensors; may use `tf.grad` and its kin to any order. Called
 *              twice for each set of shapes.
 * @throws {InvalidArgumentError} from the call, if an array does not fit its shape, or a result is not a float32 tensor.
 * @throws {UnsupportedError} from the call, naming the op, if the step reads data that depends on its inputs (and so could choose
 *   by them), uses an op without a C kernel, or differs between its first two calls; or on the `cpu` backend.
 *
 * Accuracy: as the step itself, bit by bit (test/compile.test.ts). Memory: what a program needs, until `dispose`.
 *
 * @example
 * const density = compile(({ x }) => {
 *   const { value, grad } = tf.valueAndGrad((at) => tf.neg(tf.sum(tf.square(at))))(x);
 *   return { value, gradient: grad };
 * });
 * density({ x: { shape: [3], data: Float32Array.of(1, 2, 3) } }).gradient.data; // -2, -4, -6
 */
export function compile(step: (inputs: TensorTree) => TensorTree): CompiledStep {
  const programs = new Map<string, StepProgram>();
  const run = (inputs: ParameterTree): ParameterTree => {
    const backend = compilingBackend();
    const key = shapesKey(inputs);
    let program = programs.get(key);
    if (program && program.backend !== backend) {
      program.dispose();
      program = undefined;
    }
    if (!program) {
      program = createStepProgram(backend, step, inputs);
      programs.delete(key);
      programs.set(key, program);
      if (programs.size > MAX_PROGRAMS) forgetOldest(programs);
    }
    return program.run(inputs);
  };
  return Object.assign(run, {
    report() {
      const built = [...programs.values()].map(({ built }) => built);
      const total = (f: (program: BuiltProgram) => number) => built.reduce((sum, each) => sum + f(each), 0);
      return {
        programs: built.length,
        calls: total(({ numCalls }) => numCalls),
        bytes: total(({ bytes }) => bytes),
      };
    },
    dispose() {
      for (const program of programs.values()) program.dispose();
      programs.clear();
    },
  });
}

function forgetOldest(programs: Map<string, StepProgram>): void {
  const [key, program] = programs.entries().next().value!;
  program.dispose();
  programs.delete(key);
}

interface StepProgram {
  readonly backend: KernelsBackend;
  readonly built: BuiltProgram;
  run(inputs: ParameterTree): ParameterTree;
  dispose(): void;
}

function createStepProgram(
  backend: KernelsBackend,
  step: (inputs: TensorTree) => TensorTree,
  inputs: ParameterTree,
): StepProgram {
  const { kernels } = backend;
  const trace = (values: ParameterTree): TracedStep =>
    traceStep(backend, [values], ([tensors], output) => {
      for (const [name, tensor] of Object.entries(step(tensors!))) output(name, tensor);
    });
  const traced = trace(inputs);
  const check = secondRunCheck(traced);
  const pins: Pins = new Map();
  const inputArrays = pinnedInputs(kernels, traced.inputs[0]!, pins);
  const outputs = pinnedOutputs(kernels, traced.outputs, pins);
  const built = buildProgram(kernels, [...traced.calls, ...outputs.copies], pins, outputs.buffers);
  return {
    backend,
    built,
    run(values) {
      check(() => trace(values));
      fillInputs(inputArrays, values);
      built.run();
      return outputs.tree;
    },
    dispose() {
      built.dispose();
      freePinned(kernels, inputArrays, outputs.tree);
    },
  };
}
