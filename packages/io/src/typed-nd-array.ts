import { InvalidArgumentError } from './errors.ts';

/** The typed array of each dtype. `bool` is one byte per value, 0 or 1; 64-bit integers stay exact as bigint. */
export interface ArrayOfDtype {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int8: Int8Array;
  readonly int16: Int16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  readonly uint16: Uint16Array;
  readonly uint32: Uint32Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
}

export type Dtype = keyof ArrayOfDtype;

/** A decoded array, row-major. With dtype `float32` or `float64` it is an `NdArray` of `@lensfield/contracts`. */
export type TypedNdArray<D extends Dtype = Dtype> = {
  readonly [K in D]: { readonly dtype: K; readonly shape: readonly number[]; readonly data: ArrayOfDtype[K] };
}[D];

/** What can be written. `dtype` follows from `data` and is needed only for `bool`. */
export interface EncodableArray {
  readonly shape: readonly number[];
  readonly data: ArrayOfDtype[Dtype];
  readonly dtype?: Dtype;
}

const CONSTRUCTORS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
} as const;

export const bytesPerValue = (dtype: Dtype): number => CONSTRUCTORS[dtype].BYTES_PER_ELEMENT;

export const numValues = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/**
 * Little-endian bytes to an array of its own: no view of `bytes`, whose offset need not be aligned. The copy is not by
 * `bytes.slice`, which a Node Buffer overrides to share its memory.
 */
export function arrayFromBytes(dtype: Dtype, shape: readonly number[], bytes: Uint8Array): TypedNdArray {
  const data = new CONSTRUCTORS[dtype](new Uint8Array(bytes).buffer);
  return { dtype, shape, data } as TypedNdArray;
}

export function bytesOfArray(array: EncodableArray): Uint8Array {
  return new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
}

/** The dtype of an array to be written, after its shape and dtype are checked. `where` begins the error message. */
export function dtypeOf(array: EncodableArray, where: string): Dtype {
  const { shape, data } = array;
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || numValues(shape) !== data.length) {
    throw new InvalidArgumentError(
      'array',
      `${where}: array.shape must be whole numbers whose product is the number of values, ${data.length}; got [${shape.join(', ')}].`,
    );
  }
  const dtypes = Object.keys(CONSTRUCTORS) as Dtype[];
  const own = dtypes.filter((dtype) => CONSTRUCTORS[dtype].name === data.constructor.name);
  const dtype = array.dtype ?? own[0];
  if (dtype === undefined || !own.includes(dtype)) {
    throw new InvalidArgumentError(
      'array',
      `${where}: array.data must be a typed array of dtype ${array.dtype ?? dtypes.join(', ')}; got ${data.constructor.name}.`,
    );
  }
  if (dtype === 'bool' && data.some((value: number | bigint) => value > 1)) {
    throw new InvalidArgumentError(
      'array',
      `${where}: array.data must be 0 or 1 with dtype bool; got other values.`,
    );
  }
  return dtype;
}
