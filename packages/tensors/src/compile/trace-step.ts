import { InvalidArgumentError, UnsupportedError } from '@lensfield/kernels';
import { engine, findBackend, Tensor, tidy } from '@tensorflow/tfjs-core';
import { KernelsBackend } from '../backend/kernels-backend.ts';
import { type ParameterTree, type TensorTree, tensorsOf } from '../parameters.ts';
import { releasingTape } from '../value-and-gradients.ts';
import { Trace } from './trace.ts';
import type { TraceBuffer, TraceCall } from './trace-buffer.ts';

/** A tensor that a traced step has computed. */
export interface TracedTensor {
  readonly buffer: TraceBuffer;
  readonly shape: readonly number[];
}

export interface TracedStep {
  readonly calls: TraceCall[];
  /** By the names of the step's inputs, for each of its arguments. */
  readonly inputs: readonly Readonly<Record<string, TraceBuffer>>[];
  readonly outputs: Readonly<Record<string, TracedTensor>>;
}

/** The backend whose calls can be recorded. */
export function compilingBackend(): KernelsBackend {
  const { backendName } = engine();
  const backend = backendName ? findBackend(backendName) : undefined;
  if (backend instanceof KernelsBackend) return backend;
  throw new UnsupportedError(
    `tensors.compile: backend must be native or wasm; got ${backendName ?? 'none, as initTensors has not been called'}. Run the step uncompiled.`,
  );
}

/**
 * Runs a step once and records it.
 *
 * @param inputs  Arguments of the step, each a tree of arrays that it receives as tensors.
 * @param step    Calls `output` for each tensor that is wanted; nothing that it makes outlives it.
 */
export function traceStep(
  backend: KernelsBackend,
  inputs: readonly ParameterTree[],
  step: (trees: readonly TensorTree[], output: (name: string, tensor: Tensor) => void) => void,
): TracedStep {
  if (backend.trace)
    throw new UnsupportedError('tensors.compile: step must not compile another; call its function instead.');
  const trace = new Trace(backend);
  const outputs: Record<string, TracedTensor> = {};
  const inputBuffers: Record<string, TraceBuffer>[] = [];
  const arrayOf = (tensor: Tensor) => backend.floats(tensor);
  const output = (name: string, tensor: Tensor): void => {
    requireFloats(name, tensor);
    outputs[name] = { buffer: trace.bufferOrConstant(arrayOf(tensor)), shape: [...tensor.shape] };
  };
  backend.trace = trace;
  backend.kernels.observe(trace.record);
  try {
    releasingTape(() =>
      tidy(() => {
        const trees = inputs.map((tree) => tensorsOf(tree));
        for (const tree of trees) inputBuffers.push(mapTree(tree, (tensor) => trace.input(arrayOf(tensor))));
        step(trees, output);
        trace.finish();
      }),
    );
  } finally {
    backend.kernels.observe(undefined);
    backend.trace = undefined;
  }
  return { calls: trace.calls, inputs: inputBuffers, outputs };
}

function mapTree<T>(tree: TensorTree, f: (tensor: Tensor) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(tree).map(([name, tensor]) => [name, f(tensor)]));
}

function requireFloats(name: string, tensor: Tensor): void {
  if (tensor instanceof Tensor && tensor.dtype === 'float32') return;
  const got = tensor instanceof Tensor ? tensor.dtype : typeof tensor;
  throw new InvalidArgumentError(
    name,
    `tensors.compile: ${name} must be a float32 tensor, as every result of the step; got ${got}.`,
  );
}
