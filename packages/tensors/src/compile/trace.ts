import { type KernelArray, type KernelSignature, UnsupportedError } from '@lensfield/kernels';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { CallTrace } from '../backend/call-trace.ts';
import type { KernelFunction, KernelParameters } from '../backend/definition.ts';
import type { KernelsBackend } from '../backend/kernels-backend.ts';
import { buffersOf, newBuffer, type TraceBuffer, type TraceCall } from './trace-buffer.ts';

/** Kernels that look at the shape of their input alone. */
const SHAPE_ONLY = new Set(['ZerosLike', 'OnesLike']);

/** External arrays up to this length are told apart by their numbers: they are written anew for each call (axes of a copy). */
const SMALL = 64;

const DATA = 'data written from JavaScript';

/**
 * Records the kernel calls of a step while it runs. What depends on no input (constants, masks, their products) is kept as the
 * numbers that it had; what depends on one must come from C kernels alone, or the op is refused.
 */
export class Trace implements CallTrace {
  readonly calls: TraceCall[] = [];
  readonly #backend: KernelsBackend;
  /** Buffers of arrays that tensors hold at the moment, by memory block and start. */
  readonly #live = new Map<ArrayBufferLike, Map<number, { buffer: TraceBuffer; array: KernelArray }>>();
  readonly #external = new Map<KernelArray | string, TraceBuffer>();
  #op = 'step';

  constructor(backend: KernelsBackend) {
    this.#backend = backend;
  }

  created(array: KernelArray): void {
    this.#register(array, newBuffer(array, this.#op));
  }

  written(array: KernelArray): void {
    const buffer = this.bufferOf(array);
    if (buffer) buffer.isKnown = true;
  }

  /** Declares the array of a tensor to be an input of the step. */
  input(array: KernelArray): TraceBuffer {
    const buffer = newBuffer(array, 'input', true);
    this.#register(array, buffer);
    return buffer;
  }

  released(array: KernelArray): void {
    const starts = this.#live.get(array.buffer);
    const entry = starts?.get(array.byteOffset);
    if (!entry) return;
    keepContents(entry.buffer, entry.array);
    starts!.delete(array.byteOffset);
  }

  /** Keeps the numbers of the known buffers that are still held; nothing may be recorded afterwards. */
  finish(): void {
    for (const starts of this.#live.values())
      for (const { buffer, array } of starts.values()) keepContents(buffer, array);
    this.#live.clear();
  }

  bufferOf(array: KernelArray): TraceBuffer | undefined {
    return this.#live.get(array.buffer)?.get(array.byteOffset)?.buffer;
  }

  /** The buffer of an array; one from outside the step becomes a constant with the numbers that it has now. */
  bufferOrConstant(array: KernelArray): TraceBuffer {
    return this.bufferOf(array) ?? this.#constant(array);
  }

  kernel(name: string, parameters: KernelParameters, run: KernelFunction): TensorInfo | TensorInfo[] {
    const inputs = Object.values(parameters.inputs);
    const isKnown = SHAPE_ONLY.has(name) || inputs.every((input) => this.#isKnown(input));
    const outer = this.#op;
    this.#op = name;
    try {
      const outputs = run(parameters);
      for (const output of Array.isArray(outputs) ? outputs : [outputs]) this.#settle(name, output, isKnown);
      return outputs;
    } finally {
      this.#op = outer;
    }
  }

  requireKnown(array: KernelArray): void {
    const buffer = this.bufferOf(array);
    if (!buffer || buffer.isKnown) return;
    throw refusal(
      `step must not read data (dataSync, data, print) that depends on its inputs; it reads the result of ${buffer.op}. Return the tensor and read it outside, and choose by tf.where`,
    );
  }

  requireKnownInputs(name: string, inputs: readonly TensorInfo[]): void {
    if (!SHAPE_ONLY.has(name) && !inputs.every((input) => this.#isKnown(input))) throw outsideKernels(name);
  }

  /** The engine's listener. */
  readonly record = (signature: KernelSignature, args: readonly (KernelArray | number | null)[]): void => {
    if (signature.name === 'lf_run_program')
      throw refusal('step must not call another compiled step; call the function that was compiled');
    const call: TraceCall = {
      signature,
      args: args.map((arg, i) =>
        arg !== null && typeof arg === 'object'
          ? this.#argument(signature, i, usedPart(signature, args, i, arg))
          : arg,
      ),
      op: this.#op,
      isFolded: false,
    };
    const written = buffersOf(call, 'written');
    call.isFolded =
      buffersOf(call, 'read').every((buffer) => buffer.isKnown) &&
      written.every((buffer) => buffer.isKnown || (buffer.writers.length === 0 && !buffer.isInput));
    if (signature.result === 'double' && !call.isFolded) throw outsideKernels(this.#op);
    for (const buffer of written) this.#markWritten(buffer, call);
    this.calls.push(call);
  };

  #argument(signature: KernelSignature, i: number, array: KernelArray): TraceBuffer {
    const buffer = this.bufferOf(array);
    if (buffer) return buffer;
    if (signature.parameters[i]!.isInput) return this.#constant(array);
    throw outsideKernels(this.#op);
  }

  #markWritten(buffer: TraceBuffer, call: TraceCall): void {
    if (!call.isFolded && buffer.isKnown) {
      // Numbers that JavaScript put there would be lost; those of kernels are computed again.
      if (buffer.writers.length === 0) throw outsideKernels(this.#op);
      for (const writer of buffer.writers) writer.isFolded = false;
    }
    buffer.isKnown = call.isFolded;
    buffer.writers.push(call);
  }

  #constant(array: KernelArray): TraceBuffer {
    const key =
      array.length <= SMALL ? `${array.constructor.name} ${Array.prototype.join.call(array, ' ')}` : array;
    const known = this.#external.get(key);
    if (known) return known;
    const buffer = newBuffer(array, DATA);
    buffer.isKnown = true;
    buffer.contents = array.slice();
    this.#external.set(key, buffer);
    return buffer;
  }

  /** A new output that no recorded call has written was computed in JavaScript: from constants, or it cannot be replayed. */
  #settle(name: string, output: TensorInfo, areInputsKnown: boolean): void {
    const { values } = this.#backend.dataOf(output.dataId);
    if (Array.isArray(values)) {
      if (!areInputsKnown) throw outsideKernels(name);
      return;
    }
    const buffer = values.length > 0 ? this.bufferOf(values) : undefined;
    if (!buffer || buffer.isKnown || buffer.isInput || buffer.writers.length > 0) return;
    if (!areInputsKnown) throw outsideKernels(name);
    buffer.isKnown = true;
  }

  #isKnown({ dataId }: TensorInfo): boolean {
    const { values } = this.#backend.dataOf(dataId);
    if (Array.isArray(values)) return values.length > 0;
    return values.length === 0 || (this.bufferOf(values)?.isKnown ?? true);
  }

  #register(array: KernelArray, buffer: TraceBuffer): void {
    let starts = this.#live.get(array.buffer);
    if (!starts) {
      starts = new Map();
      this.#live.set(array.buffer, starts);
    }
    starts.set(array.byteOffset, { buffer, array });
  }
}

/** Axes are rank triples at the start of an array that other calls have used too. */
function usedPart(
  signature: KernelSignature,
  args: readonly (KernelArray | number | null)[],
  i: number,
  array: KernelArray,
): KernelArray {
  if (signature.parameters[i]!.name !== 'axes') return array;
  const rank = args[signature.parameters.findIndex(({ name }) => name === 'rank')] as number;
  return array.subarray(0, 3 * rank);
}

function keepContents(buffer: TraceBuffer, array: KernelArray): void {
  if (buffer.isKnown) buffer.contents = array.slice();
}

function refusal(rule: string): UnsupportedError {
  return new UnsupportedError(`tensors.compile: ${rule}.`);
}

function outsideKernels(op: string): UnsupportedError {
  return refusal(
    `step must use ops that run in C kernels; ${op} does not for these arguments. Leave it out, or run the step uncompiled (a training: with compile false)`,
  );
}
