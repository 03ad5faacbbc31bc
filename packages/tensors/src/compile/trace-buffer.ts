import type { KernelArray, KernelSignature } from '@lensfield/kernels';

/** One array of a traced step: memory that a tensor held for a time, an input, or a constant. */
export interface TraceBuffer {
  readonly bytes: number;
  /** Of float32 numbers. */
  readonly isFloat: boolean;
  readonly isInput: boolean;
  /** Whether its numbers depend on no input of the step, so that they need not be computed again. */
  isKnown: boolean;
  /** The calls that write it, in order. */
  readonly writers: TraceCall[];
  /** The numbers of a known buffer. */
  contents?: KernelArray;
  /** The op that made it. */
  readonly op: string;
}

/** One call of a C kernel in a traced step. */
export interface TraceCall {
  readonly signature: KernelSignature;
  /** A buffer (or null) for each array of the signature, numbers for the rest. */
  readonly args: readonly (TraceBuffer | number | null)[];
  /** The op on whose behalf it was made. */
  readonly op: string;
  /** Buffers that it reads as parts of its arguments. */
  readonly parts?: readonly TraceBuffer[];
  /** Whether the trace itself has done it for good: everything that it reads was known. */
  isFolded: boolean;
}

export function newBuffer(array: KernelArray, op: string, isInput = false): TraceBuffer {
  return {
    bytes: array.byteLength,
    isFloat: array instanceof Float32Array,
    isInput,
    isKnown: false,
    writers: [],
    op,
  };
}

/** The buffers that a call reads, or writes. */
export function buffersOf(call: TraceCall, role: 'read' | 'written'): TraceBuffer[] {
  const found: TraceBuffer[] = role === 'read' && call.parts ? [...call.parts] : [];
  for (const [i, { isInput }] of call.signature.parameters.entries()) {
    const arg = call.args[i];
    if (isInput === (role === 'read') && arg !== null && typeof arg === 'object') found.push(arg);
  }
  return found;
}
