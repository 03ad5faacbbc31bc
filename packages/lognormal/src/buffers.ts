import type { KernelArray, Kernels } from '@lensfield/kernels';

/** Arrays in an engine's memory that are given back together. */
export interface Buffers {
  float32(length: number): Float32Array;
  float64(length: number): Float64Array;
  int32(length: number): Int32Array;
  /** A copy of `values` in the engine's memory. */
  copyOf(values: Float64Array): Float64Array;
  release(): void;
}

export function createBuffers(kernels: Kernels): Buffers {
  const held: KernelArray[] = [];
  const keep = <A extends KernelArray>(array: A): A => {
    held.push(array);
    return array;
  };
  const float64 = (length: number) => keep(kernels.float64(length));
  return {
    float32: (length) => keep(kernels.float32(length)),
    float64,
    int32: (length) => keep(kernels.int32(length)),
    copyOf(values) {
      const copy = float64(values.length);
      copy.set(values);
      return copy;
    },
    release() {
      for (const array of held.splice(0)) kernels.free(array);
    },
  };
}
