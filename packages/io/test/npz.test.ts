import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNpz, encodeNpz } from '../src/index.ts';
import { anyArray, expectedValues, fixture } from './_fixtures.ts';

describe('decodeNpz', () => {
  it.each(['stored', 'deflated'])('reads %s.npz as NumPy wrote it', (name) => {
    const { samples, count, mask, ...rest } = decodeNpz(fixture(`${name}.npz`));
    expect([...samples.data]).toEqual(expectedValues['little-float64']);
    expect(samples.shape).toEqual([3, 4]);
    expect(count).toEqual({ dtype: 'int64', shape: [], data: BigInt64Array.of(7n) });
    expect([...mask.data].map(String)).toEqual(expectedValues['little-bool']);
    expect(rest).toEqual({});
  });

  it('reads only the arrays asked for', () => {
    const bytes = fixture('with-names.npz');
    expect(() => decodeNpz(bytes, { source: 'p.npz' })).toThrow('p.npz[names] must have a dtype of');
    expect(Object.keys(decodeNpz(bytes, { names: ['samples'] }))).toEqual(['samples']);
    expect(() => decodeNpz(bytes, { names: ['theta'] })).toThrow(
      'io.decodeNpz: bytes must have an array theta; got samples, names.',
    );
  });
});

describe('encodeNpz', () => {
  it.each([true, false])('is inverted by decodeNpz, compress %s', (compress) => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), anyArray, { maxKeys: 3 }), (arrays) => {
        const back = decodeNpz(encodeNpz(arrays, { compress }));
        expect(Object.keys(back).sort()).toEqual(Object.keys(arrays).sort());
        for (const [name, array] of Object.entries(arrays)) {
          expect(back[name].shape).toEqual(array.shape);
          expect(back[name].data).toEqual(array.data);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('gives the same bytes each time, smaller when compressed', () => {
    const arrays = { zeros: { shape: [1000], data: new Float32Array(1000) } };
    expect(encodeNpz(arrays)).toEqual(encodeNpz(arrays));
    expect(encodeNpz(arrays, { compress: true }).length).toBeLessThan(600);
  });
});

describe('bad npz input', () => {
  const stored = fixture('stored.npz');
  const flip = (bytes: Uint8Array, at: number) => bytes.map((value, i) => (i === at ? value ^ 1 : value));
  const cases: [string, Uint8Array, string][] = [
    [
      'text',
      new TextEncoder().encode('omega_c,s8\n'),
      'must be a whole npz (zip) file; got text that starts with "omega_c,s8\\n".',
    ],
    ['npy', fixture('vector.npy'), 'must be a whole npz (zip) file; got an npy file.'],
    ['truncated', stored.slice(0, 600), 'got a zip (npz) file. The file is cut off; copy or write it again.'],
    ['one bit wrong in a stored value', flip(stored, 250), 'got a wrong size or checksum in samples.npy.'],
    [
      'one bit wrong in a deflated stream',
      flip(fixture('deflated.npz'), 120),
      'got a wrong size or checksum in',
    ],
  ];
  it.each(cases)('%s', (_, bytes, message) => {
    expect(() => decodeNpz(bytes)).toThrow(message);
    expect(() => decodeNpz(bytes)).toThrow(/^io\.decodeNpz: bytes must [^\n]*\.$/);
  });
});
