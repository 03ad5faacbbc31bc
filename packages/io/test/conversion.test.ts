import { describe, expect, it } from 'vitest';
import { asFloat32, asFloat64 } from '../src/index.ts';

describe('asFloat64 and asFloat32', () => {
  it('do not copy what has the type already', () => {
    const wide = { dtype: 'float64', shape: [1], data: Float64Array.of(0.1) } as const;
    const narrow = { dtype: 'float32', shape: [1], data: Float32Array.of(0.1) } as const;
    expect(asFloat64(wide).data).toBe(wide.data);
    expect(asFloat32(narrow).data).toBe(narrow.data);
    expect(asFloat64(narrow).data[0]).toBe(Math.fround(0.1));
    expect(asFloat32(wide).data[0]).toBe(Math.fround(0.1));
  });

  it('convert integers that fit, and NaN and infinities as they are', () => {
    const count = { dtype: 'int64', shape: [2], data: BigInt64Array.of(-7n, 2n ** 53n - 1n) } as const;
    expect(asFloat64(count).data).toEqual(Float64Array.of(-7, 2 ** 53 - 1));
    const odd = {
      dtype: 'float64',
      shape: [2],
      data: Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY),
    } as const;
    expect(asFloat32(odd).data).toEqual(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY));
  });

  it('refuse numbers that would change', () => {
    const id = { dtype: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 60n) } as const;
    expect(() => asFloat64(id)).toThrow(
      'io.asFloat64: array must hold integers up to 2^53; got 1152921504606846976',
    );
    const large = { dtype: 'float64', shape: [1], data: Float64Array.of(1e39) } as const;
    expect(() => asFloat32(large)).toThrow(
      'io.asFloat32: array must fit float32 (below 3.4e38); got 1e+39 at index 0.',
    );
  });
});
