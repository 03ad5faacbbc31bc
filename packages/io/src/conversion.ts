import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from './errors.ts';
import type { TypedNdArray } from './typed-nd-array.ts';

/**
 * The same numbers in float64, without a copy when they are float64 already.
 *
 * @throws {InvalidArgumentError} if a 64-bit integer is beyond 2^53, where float64 would change it.
 */
export function asFloat64(array: TypedNdArray): NdArray<Float64Array> {
  if (array.dtype === 'float64') return array;
  if (array.dtype !== 'int64' && array.dtype !== 'uint64') {
    return { shape: array.shape, data: Float64Array.from(array.data) };
  }
  const data = new Float64Array(array.data.length);
  array.data.forEach((value, i) => {
    data[i] = Number(value);
    if (!Number.isSafeInteger(data[i])) {
      throw new InvalidArgumentError(
        'array',
        `io.asFloat64: array must hold integers up to 2^53; got ${value} at index ${i}. Read the bigint data instead.`,
      );
    }
  });
  return { shape: array.shape, data };
}

/**
 * The same numbers rounded to float32, without a copy when they are float32 already.
 *
 * @throws {InvalidArgumentError} if a finite number is beyond the float32 range (3.4e38), or an integer beyond 2^53.
 */
export function asFloat32(array: TypedNdArray): NdArray<Float32Array> {
  if (array.dtype === 'float32') return array;
  const wide = asFloat64(array);
  const data = Float32Array.from(wide.data);
  const overflow = data.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(wide.data[i]));
  if (overflow >= 0) {
    throw new InvalidArgumentError(
      'array',
      `io.asFloat32: array must fit float32 (below 3.4e38); got ${wide.data[overflow]} at index ${overflow}. Use asFloat64.`,
    );
  }
  return { shape: wide.shape, data };
}
