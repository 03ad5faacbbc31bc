import { describe, expect, test } from 'vitest';
import { decodeTypedJson, encodeTypedJson } from '../src/run/typed-json.ts';

describe('JSON with typed arrays', () => {
  test('comes back to the last bit, with the numbers that JSON lacks', () => {
    const value = {
      state: {
        weights: new Float32Array([Math.PI, -0, 1e-40]),
        order: new Int32Array([3, -1]),
        bytes: new Uint8Array(0),
      },
      draws: [new Float64Array([Number.NaN, Infinity, 0.1])],
      loss: Infinity,
      missing: Number.NaN,
      text: 'plain',
    };
    expect(decodeTypedJson(encodeTypedJson(value), 'test')).toEqual(value);
  });

  test('keeps a view apart from the rest of its buffer', () => {
    const whole = new Float64Array([1, 2, 3]);
    expect(decodeTypedJson(encodeTypedJson(whole.subarray(1, 2)), 'test')).toEqual(new Float64Array([2]));
  });

  test('says so when a file is cut off', () => {
    const text = encodeTypedJson({ a: new Float32Array(8) });
    expect(() => decodeTypedJson(text.slice(0, 20), 'state.json')).toThrow('state.json must be a whole file');
  });
});
