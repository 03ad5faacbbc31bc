import { isLensfieldError, type KernelArray, type Kernels } from '@lensfield/kernels';

/** Arrays of a backend, kept for the next tensor of the same type and length when a tensor is disposed. */
export interface BufferPool {
  float32(length: number): Float32Array;
  int32(length: number): Int32Array;
  uint8(length: number): Uint8Array;
  /** Takes back an array that this pool gave out. */
  release(array: Float32Array | Int32Array | Uint8Array): void;
  /** Runs `f`; what is released meanwhile is given out again only afterwards. */
  holding<T>(f: () => T): T;
  /** Bytes of all arrays given out or kept. */
  bytes(): number;
}

const KEPT_BYTES_LIMIT = 512 * 2 ** 20;

interface Shelf<T extends KernelArray> {
  readonly kept: Map<number, T[]>;
  readonly create: (length: number) => T;
}

/**
 * A training step asks for the same sizes again and again, so arrays are kept by exact length: no allocation, no page faults and
 * nothing for the garbage collector. What is kept beyond 512 MiB, or when the engine's memory runs out, is given up.
 */
export function createBufferPool(kernels: Kernels): BufferPool {
  const shelves = {
    float32: shelf((length) => kernels.float32(length)),
    int32: shelf((length) => kernels.int32(length)),
    uint8: shelf((length) => kernels.uint8(length)),
  };
  let keptBytes = 0;
  let usedBytes = 0;
  let held: (Float32Array | Int32Array | Uint8Array)[] | undefined;

  function flush(): void {
    for (const { kept } of Object.values(shelves)) {
      for (const arrays of kept.values()) for (const array of arrays) kernels.free(array);
      kept.clear();
    }
    keptBytes = 0;
  }

  function take<T extends KernelArray>({ kept, create }: Shelf<T>, length: number): T {
    const array = kept.get(length)?.pop();
    if (array) keptBytes -= array.byteLength;
    const result = array ?? createOrFlush(create, length);
    usedBytes += result.byteLength;
    return result;
  }

  function createOrFlush<T>(create: (length: number) => T, length: number): T {
    try {
      return create(length);
    } catch (error) {
      if (!isLensfieldError(error, 'UNSUPPORTED') || keptBytes === 0) throw error;
      flush();
      return create(length);
    }
  }

  function put<T extends KernelArray>({ kept }: Shelf<T>, array: T): void {
    usedBytes -= array.byteLength;
    if (keptBytes + array.byteLength > KEPT_BYTES_LIMIT) flush();
    keptBytes += array.byteLength;
    const arrays = kept.get(array.length);
    if (arrays) arrays.push(array);
    else kept.set(array.length, [array]);
  }

  function release(array: Float32Array | Int32Array | Uint8Array): void {
    if (held) held.push(array);
    else if (array instanceof Float32Array) put(shelves.float32, array);
    else if (array instanceof Int32Array) put(shelves.int32, array);
    else put(shelves.uint8, array);
  }

  function holding<T>(f: () => T): T {
    if (held) return f();
    const arrays: (Float32Array | Int32Array | Uint8Array)[] = [];
    held = arrays;
    try {
      return f();
    } finally {
      held = undefined;
      arrays.forEach(release);
    }
  }

  return {
    float32: (length) => take(shelves.float32, length),
    int32: (length) => take(shelves.int32, length),
    uint8: (length) => take(shelves.uint8, length),
    release,
    holding,
    bytes: () => keptBytes + usedBytes,
  };
}

function shelf<T extends KernelArray>(create: (length: number) => T): Shelf<T> {
  return { kept: new Map(), create };
}
