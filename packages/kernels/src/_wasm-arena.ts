import type { KernelExports } from './_wasm-module.ts';
import { InvalidArgumentError, UnsupportedError } from './errors.ts';
import type { KernelArray } from './signature.ts';

/** The arrays that live in an engine's WASM memory. */
export interface WasmArena {
  readonly buffer: ArrayBufferLike;
  /** Start of a new block in bytes. Throws `UnsupportedError` when the memory is used up. */
  allocate(bytes: number): number;
  release(pointer: number): void;
  free(array: KernelArray): void;
  /** Records that an array was handed out. */
  own(pointer: number): void;
}

export function createWasmArena(memory: WebAssembly.Memory, exports: KernelExports): WasmArena {
  const buffer = memory.buffer;
  const owned = new Set<number>();
  const mebibytes = buffer.byteLength / 2 ** 20;
  return {
    buffer,
    allocate(bytes) {
      const pointer = bytes < buffer.byteLength ? exports.lf_arena_allocate(bytes) >>> 0 : 0;
      if (pointer === 0)
        throw new UnsupportedError(
          `kernels.Kernels: arrays must fit the WASM memory of ${mebibytes} MiB; got ${bytes} bytes more. ` +
            'Free arrays, or load with a larger memoryMiB (at most 4096).',
        );
      return pointer;
    },
    release(pointer) {
      exports.lf_arena_release(pointer);
    },
    own(pointer) {
      owned.add(pointer);
    },
    free(array) {
      if (array.buffer !== buffer || !owned.delete(array.byteOffset))
        throw new InvalidArgumentError(
          'array',
          'kernels.free: array must be one made by this engine and not yet freed; got another.',
        );
      exports.lf_arena_release(array.byteOffset);
    },
  };
}
