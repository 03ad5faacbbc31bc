import { checkLength } from './_array-length.ts';
import { type CallObserver, checkedCalls, type RawCall } from './_checked-calls.ts';
import { createWasmArena, type WasmArena } from './_wasm-arena.ts';
import { instantiateKernels, type KernelExports } from './_wasm-module.ts';
import { InvalidArgumentError, UnsupportedError } from './errors.ts';
import type { Kernels } from './kernels.ts';
import type { KernelArray, KernelSignature } from './signature.ts';

const PAGES_PER_MIB = 16;
const BROWSER_MEMORY_MIB = 512;
const NODE_MEMORY_MIB = 2048;

/** Fixed in size, so that views of it never detach; the system gives pages as they are used. */
function reserveMemory(memoryMiB: number): WebAssembly.Memory {
  if (!Number.isInteger(memoryMiB) || memoryMiB < 4 || memoryMiB > 4096)
    throw new InvalidArgumentError(
      'memoryMiB',
      `kernels.loadKernels: memoryMiB must be an integer from 4 to 4096; got ${memoryMiB}.`,
    );
  const pages = memoryMiB * PAGES_PER_MIB;
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    throw new UnsupportedError(
      `kernels.loadKernels: the system must grant ${memoryMiB} MiB; got: ${(error as Error).message}. Lower memoryMiB.`,
      { cause: error },
    );
  }
}

/** Arrays outside the arena are copied in before the call, and those that the kernel writes are copied back after it. */
function stagedCall(signature: KernelSignature, exports: KernelExports, arena: WasmArena): RawCall {
  const kernel = exports[signature.name]!;
  const writes = signature.parameters.map(({ isInput }) => isInput === false);

  function callStaged(args: unknown[]): number {
    const staged: { pointer: number; array: KernelArray; view: KernelArray; isWritten: boolean }[] = [];
    try {
      const plain = args.map((value, i) => {
        if (typeof value === 'number') return value;
        if (value === null) return 0;
        const array = value as KernelArray;
        if (array.buffer === arena.buffer) return array.byteOffset;
        const pointer = arena.allocate(array.byteLength);
        const Type = array.constructor as new (b: ArrayBufferLike, o: number, n: number) => Float32Array;
        const view = new Type(arena.buffer, pointer, array.length);
        staged.push({ pointer, array, view, isWritten: writes[i]! });
        view.set(array as Float32Array);
        return pointer;
      });
      const result = kernel(...plain);
      for (const { array, view, isWritten } of staged) if (isWritten) array.set(view as Float32Array);
      return result;
    } finally {
      for (const { pointer } of staged) arena.release(pointer);
    }
  }

  return (...args) => callStaged(args);
}

function arrayMaker(arena: WasmArena) {
  return <T extends KernelArray>(Type: {
    new (buffer: ArrayBufferLike, offset: number, length: number): T;
    BYTES_PER_ELEMENT: number;
  }) =>
    (length: number): T => {
      checkLength(length);
      const pointer = arena.allocate(length * Type.BYTES_PER_ELEMENT);
      arena.own(pointer);
      const array = new Type(arena.buffer, pointer, length);
      array.fill(0);
      return array;
    };
}

/** Loads the WASM module over fresh memory. Throws `UnsupportedError` with the reason when it cannot. */
export async function loadWasmKernels(options: { memoryMiB?: number }): Promise<Kernels> {
  const inNode = typeof process !== 'undefined' && Boolean(process.versions?.node);
  const memory = reserveMemory(options.memoryMiB ?? (inNode ? NODE_MEMORY_MIB : BROWSER_MEMORY_MIB));
  const exports = await instantiateKernels(memory);
  const arena = createWasmArena(memory, exports);
  const create = arrayMaker(arena);
  const observer: CallObserver = {};
  return {
    backend: 'wasm',
    threads: 1,
    float32: create(Float32Array),
    float64: create(Float64Array),
    int32: create(Int32Array),
    uint32: create(Uint32Array),
    uint8: create(Uint8Array),
    free: arena.free,
    observe: (listener) => {
      observer.listener = listener;
    },
    addressOf: (array) => {
      if (array.buffer === arena.buffer) return array.byteOffset;
      throw new InvalidArgumentError(
        'array',
        'kernels.addressOf: array must be one made by this engine; got another.',
      );
    },
    call: checkedCalls(observer, (signature) => stagedCall(signature, exports, arena)),
  };
}
