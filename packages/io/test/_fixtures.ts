import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { EncodableArray } from '../src/index.ts';

/** A file written by NumPy or the Python safetensors package (fixtures/numpy/generate.py). */
export const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`./fixtures/numpy/${name}`, import.meta.url)));

/** Numbers per little-/big-endian file: floats as they are, integers as text. */
export const expectedValues: Record<string, (number | string)[]> = JSON.parse(
  readFileSync(new URL('./fixtures/numpy/expected.json', import.meta.url), 'utf8'),
).values;

/** Any encodable array of up to four axes, axes of length 0 included. */
export const anyArray: fc.Arbitrary<EncodableArray> = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  .chain((shape) => {
    const length = shape.reduce((product, n) => product * n, 1);
    const size = { minLength: length, maxLength: length };
    return fc
      .oneof(
        fc.float32Array(size),
        fc.float64Array(size),
        fc.int8Array(size),
        fc.int16Array(size),
        fc.int32Array(size),
        fc.bigInt64Array(size),
        fc.uint8Array(size),
        fc.uint16Array(size),
        fc.uint32Array(size),
        fc.bigUint64Array(size),
      )
      .map((data) => ({ shape, data }) as EncodableArray);
  });
