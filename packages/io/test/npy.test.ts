import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpy, encodeNpy } from '../src/index.ts';
import { anyArray, expectedValues, fixture } from './_fixtures.ts';

describe('decodeNpy', () => {
  it.each(Object.keys(expectedValues))('reads %s as NumPy wrote it', (name) => {
    const array = decodeNpy(fixture(`${name}.npy`));
    expect(array.dtype).toBe(name.split('-')[1]);
    expect(array.shape).toEqual([3, 4]);
    const values = [...array.data].map((value) => (array.dtype.startsWith('float') ? value : String(value)));
    expect(values).toEqual(expectedValues[name]);
  });

  it('reads Fortran order and versions 2 and 3', () => {
    const cube = Float32Array.from({ length: 24 }, (_, i) => i);
    for (const name of ['fortran', 'version2', 'version3']) {
      expect(decodeNpy(fixture(`${name}.npy`))).toEqual({ dtype: 'float32', shape: [2, 3, 4], data: cube });
    }
  });

  it('reads a scalar, an empty array and a vector', () => {
    expect(decodeNpy(fixture('scalar.npy'))).toMatchObject({ shape: [], data: Float64Array.of(2.5) });
    expect(decodeNpy(fixture('empty.npy'))).toMatchObject({ shape: [0, 3], data: new Float64Array(0) });
    expect(decodeNpy(fixture('vector.npy'))).toMatchObject({
      shape: [5],
      data: Float64Array.of(0, 1, 2, 3, 4),
    });
  });

  it('does not depend on the alignment of the bytes', () => {
    const bytes = fixture('little-float64.npy');
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeNpy(shifted.subarray(3))).toEqual(decodeNpy(bytes));
  });

  it('takes a Buffer, and neither changes nor keeps it', () => {
    const bytes = fixture('big-float64.npy');
    const buffer = Buffer.from(bytes);
    const array = decodeNpy(buffer);
    expect(new Uint8Array(buffer)).toEqual(bytes);
    buffer.fill(0);
    expect([...array.data]).toEqual(expectedValues['big-float64']);
  });
});

describe('encodeNpy', () => {
  it.each([
    ...Object.keys(expectedValues).filter((name) => name.startsWith('little')),
    'scalar',
    'empty',
    'vector',
  ])('writes the bytes of numpy.save for %s', (name) => {
    const bytes = fixture(`${name}.npy`);
    expect(encodeNpy(decodeNpy(bytes))).toEqual(bytes);
  });

  it('is inverted by decodeNpy, bit for bit', () => {
    fc.assert(
      fc.property(anyArray, (array) => {
        const back = decodeNpy(encodeNpy(array));
        expect(back.shape).toEqual(array.shape);
        expect(back.data).toEqual(array.data);
      }),
    );
  });

  it('refuses a shape that does not fit, other arrays, and bools that are not 0 or 1', () => {
    expect(() => encodeNpy({ shape: [2, 2], data: new Float32Array(3) })).toThrow(
      'io.encodeNpy: array.shape must be whole numbers whose product is the number of values, 3; got [2, 2].',
    );
    expect(() => encodeNpy({ shape: [1], data: [1] as unknown as Float32Array })).toThrow(
      'must be a typed array',
    );
    expect(() => encodeNpy({ shape: [1], data: Uint8Array.of(2), dtype: 'bool' })).toThrow('must be 0 or 1');
    expect(() => encodeNpy({ shape: [1], data: Uint8Array.of(1), dtype: 'int32' })).toThrow('dtype int32');
  });
});

describe('bad npy input gives one line that says what to do', () => {
  const good = fixture('little-float32.npy');
  const withHeader = (from: string, to: string) => {
    const bytes = good.slice();
    const text = new TextDecoder('latin1').decode(bytes);
    bytes.set(new TextEncoder().encode(to), text.indexOf(from));
    return bytes;
  };
  const cases: [string, Uint8Array, string][] = [
    [
      'truncated',
      good.slice(0, -1),
      'io.decodeNpy: map.npy must hold the 48 bytes of data that its header names (float32 [3, 4]); got 47. The file is cut off; copy or write it again.',
    ],
    ['cut in the header', good.slice(0, 40), 'map.npy must hold its whole header, 128 bytes; got 40.'],
    ['cut in the version', good.slice(0, 6), 'map.npy must hold its whole header, 12 bytes; got 6.'],
    [
      'empty',
      new Uint8Array(0),
      'map.npy must be an npy file, which starts with \\x93NUMPY; got an empty file.',
    ],
    ['text', new TextEncoder().encode('0.1 0.2 0.3\n'), 'got text that starts with "0.1 0.2 0.3\\n".'],
    ['npz', fixture('stored.npz'), 'got a zip (npz) file.'],
    ['unknown bytes', Uint8Array.of(1, 2, 3, 255), 'got bytes that start with 01 02 03 ff.'],
    [
      'future version',
      good.map((value, i) => (i === 6 ? 9 : value)),
      'must be npy version 1, 2 or 3; got version 9.',
    ],
    [
      'header too small',
      withHeader('(3, 4)', '(3, 3)'),
      '36 bytes of data that its header names (float32 [3, 3]); got 48.',
    ],
    ['header too large', withHeader('(3, 4)', '(9, 4)'), '144 bytes of data that its header names'],
    [
      'huge header',
      withHeader('(3, 4), } ', '(3e9, 4), }'),
      'must have a header with descr, fortran_order and shape',
    ],
    [
      'negative length',
      withHeader('(3, 4)', '(-3,4)'),
      'must have a header with descr, fortran_order and shape',
    ],
    [
      'objects',
      fixture('objects.npy'),
      'must hold plain numbers; got Python objects, which are pickled code and are not read.',
    ],
    ['record', fixture('record.npy'), 'got a record type.'],
    ['strings', fixture('text-values.npy'), 'got <U7.'],
    ['complex', fixture('complex.npy'), 'got <c16.'],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    const decode = () => decodeNpy(bytes, { source: 'map.npy' });
    expect(decode).toThrow(message);
    expect(decode).toThrow(/^io\.decodeNpy: map\.npy must [^\n]*\.$/);
  });
});
