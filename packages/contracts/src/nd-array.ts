export type FloatArray = Float32Array | Float64Array;

/** Numbers with a shape, row-major (the last axis varies fastest). `data.length` is the product of `shape`. */
export interface NdArray<T extends FloatArray = Float32Array> {
  readonly shape: readonly number[];
  readonly data: T;
}
