import type { KernelCalls } from './generated/signatures.ts';
import type { KernelArray, KernelSignature } from './signature.ts';

/** Hears of each kernel call once it is done: an array, a number or null for each parameter of the signature. */
export type CallListener = (
  signature: KernelSignature,
  args: readonly (KernelArray | number | null)[],
) => void;

/**
 * A loaded engine: the C kernels and the memory that they work on. Owned by the caller; given up with the last reference.
 *
 * Arrays made here lie in the engine's own memory: in WASM a kernel then works on them in place, while any other array is copied
 * in before the call and back after it. The native backend works in place on every array.
 */
export interface Kernels {
  readonly backend: 'native' | 'wasm';
  /** Threads that a call may use; results do not depend on it. */
  readonly threads: number;
  /** Arrays of zeros in the engine's memory. Throw `UnsupportedError` when it is used up. */
  float32(length: number): Float32Array;
  float64(length: number): Float64Array;
  int32(length: number): Int32Array;
  uint32(length: number): Uint32Array;
  uint8(length: number): Uint8Array;
  /** Gives an array back (WASM memory is not garbage-collected). The array must not be used afterwards. */
  free(array: KernelArray): void;
  /** Reports every call to `listener`, in place of an earlier one; `undefined` ends it. */
  observe(listener: CallListener | undefined): void;
  /**
   * Where an array starts, in bytes, for a program ({@link createProgram}); it stays there as long as the array lives.
   * Throws `InvalidArgumentError` for an array outside the engine's memory (WASM).
   */
  addressOf(array: KernelArray): number;
  /** The C kernels by name; argument types are checked, sizes are the business of the functions that wrap them. */
  readonly call: KernelCalls;
}

export type KernelBackend = Kernels['backend'];

export interface LoadKernelsOptions {
  /** Default: the environment variable LENSFIELD_BACKEND, else native where it loads, else WASM. */
  readonly backend?: KernelBackend;
  /** Native only. Default: all cores. */
  readonly threads?: number;
  /** WASM only: memory for arrays and scratch space, reserved at once and used page by page. Default 2048 in Node, 512 elsewhere. */
  readonly memoryMiB?: number;
}
