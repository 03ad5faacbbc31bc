import { describe, expect, test } from 'vitest';
import {
  decodeNpyStrings,
  decodeNpz,
  decodeNpzStrings,
  encodeNpy,
  encodeNpyStrings,
  encodeNpz,
} from '../src/index.ts';

/** numpy.save of numpy.array(['omega_c', 'h']), NumPy 2.4: header and the code points of both strings. */
const HEADER = "{'descr': '<U7', 'fortran_order': False, 'shape': (2,), }";

describe('strings', () => {
  test('have the header and the code points that NumPy writes', () => {
    const bytes = encodeNpyStrings(['omega_c', 'h']);
    const text = new TextDecoder('latin1').decode(bytes);
    expect(text.slice(10, 10 + HEADER.length)).toBe(HEADER);
    expect(bytes.length).toBe(128 + 2 * 7 * 4);
    expect(Array.from(new Uint32Array(bytes.slice(128).buffer))).toEqual([
      ...Array.from('omega_c', (c) => c.codePointAt(0)),
      104,
      0,
      0,
      0,
      0,
      0,
      0,
    ]);
  });

  test('come back from npy and npz, other alphabets too', () => {
    const names = ['omega_c', '\u03c3\u2088', '', '\u{1d6a8}'];
    expect(decodeNpyStrings(encodeNpyStrings(names))).toEqual(names);
    const archive = encodeNpz({ names, samples: { shape: [2], data: new Float32Array([1, 2]) } });
    expect(decodeNpzStrings(archive, 'names')).toEqual(names);
    expect(decodeNpz(archive, { names: ['samples'] }).samples!.data).toEqual(new Float32Array([1, 2]));
  });

  test('are told from numbers', () => {
    const numbers = encodeNpy({ shape: [1], data: new Float32Array(1) });
    expect(() => decodeNpyStrings(numbers)).toThrow('must hold strings of dtype <U');
  });
});
