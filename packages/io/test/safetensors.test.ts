import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../src/index.ts';
import { anyArray, expectedValues, fixture } from './_fixtures.ts';

const network = fixture('network.safetensors');

describe('safetensors', () => {
  it('reads what the Python package wrote', () => {
    const { tensors, metadata } = decodeSafetensors(network);
    expect(metadata).toEqual({ kind: 'test' });
    expect(tensors.weight).toMatchObject({ dtype: 'float32', shape: [3, 4] });
    expect([...tensors.weight.data]).toEqual(expectedValues['little-float32']);
    expect(tensors.bias).toEqual({ dtype: 'float64', shape: [3], data: Float64Array.of(0, 1, 2) });
    expect(tensors.step.data).toEqual(BigInt64Array.of(7n));
    expect(tensors.mask.dtype).toBe('bool');
  });

  it('writes what the Python package writes', () => {
    const { tensors, metadata } = decodeSafetensors(network);
    expect(encodeSafetensors(tensors, { metadata })).toEqual(network);
    const every = fixture('every-dtype.safetensors');
    expect(encodeSafetensors(decodeSafetensors(every).tensors)).toEqual(every);
  });

  it('is inverted by decodeSafetensors', () => {
    const names = fc.string().filter((name) => name !== '__metadata__');
    fc.assert(
      fc.property(fc.dictionary(names, anyArray, { maxKeys: 4 }), (tensors) => {
        const back = decodeSafetensors(encodeSafetensors(tensors)).tensors;
        expect(Object.keys(back).sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, array] of Object.entries(tensors)) {
          expect(back[name].shape).toEqual(array.shape);
          expect(back[name].data).toEqual(array.data);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('bad safetensors input', () => {
  const file = (header: unknown, dataLength: number) => {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
    const bytes = new Uint8Array(8 + json.length + dataLength);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
    bytes.set(json, 8);
    return bytes;
  };
  const f32 = (shape: number[], ...offsets: number[]) => ({ dtype: 'F32', shape, data_offsets: offsets });
  const cases: [string, Uint8Array, string][] = [
    [
      'empty',
      new Uint8Array(0),
      'must be a whole safetensors file, a header length and a JSON header; got an empty file',
    ],
    ['text', new TextEncoder().encode('omega_c, sigma_8'), 'got text that starts with "omega_c, sigma_8"'],
    ['truncated', network.slice(0, -1), 'without gap or overlap; got 92 filled'],
    ['cut in the header', network.slice(0, 60), '60 bytes long'],
    ['no JSON', file('{"a": ', 0), 'must have a JSON header; got'],
    ['gap', file({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12), 'without gap or overlap; got 4 filled'],
    ['overlap', file({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), 'without gap or overlap; got 8 filled'],
    ['wrong shape', file({ a: f32([3], 0, 8) }, 8), 'must give a the bytes of F32 [3]; got 8'],
    ['no offsets', file({ a: {} }, 0), 'without gap or overlap'],
    ['half floats', fixture('half.safetensors'), 'got F16 in half. Convert to F32.'],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(message);
    expect(() => decodeSafetensors(bytes)).toThrow(/^io\.decodeSafetensors: bytes must [^\n]*\.$/);
  });

  it('a tensor named as the metadata', () => {
    const tensors = { __metadata__: { shape: [0], data: new Float32Array(0) } };
    expect(() => encodeSafetensors(tensors)).toThrow('a tensor must not be named __metadata__');
  });
});
