import { type KernelArray, type Kernels, quadrantLength } from '@lensfield/kernels';

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

/** Makers of the arrays that maps of one size need. */
export function mapArrays(
  buffers: Pick<Buffers, 'float32'>,
  { numBins, mapSize }: { readonly numBins: number; readonly mapSize: number },
) {
  return {
    /** [bins, N, N]. */
    field: () => buffers.float32(numBins * mapSize * mapSize),
    /** Modes as of `rfft2`, [bins, N, N / 2 + 1, 2]. */
    halfPlane: () => buffers.float32(2 * numBins * mapSize * (Math.floor(mapSize / 2) + 1)),
    /** Matrices as of `layOutModes`. */
    quadrant: () => buffers.float32(quadrantLength({ size: mapSize, fields: numBins })),
  };
}
