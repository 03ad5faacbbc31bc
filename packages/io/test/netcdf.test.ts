import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lookup3 } from '../src/_lookup3.ts';
import { encodeNetcdf } from '../src/index.ts';
import { exampleGroups } from './_netcdf-groups.ts';

describe('encodeNetcdf', () => {
  it('gives the bytes of the file in which four libraries found every value (fixtures/netcdf/read.py)', () => {
    const file = readFileSync(new URL('./fixtures/netcdf/example.nc', import.meta.url));
    expect(Buffer.compare(encodeNetcdf(exampleGroups()), file)).toBe(0);
  });

  it('refuses a variable that its dimensions do not fit', () => {
    const { posterior } = exampleGroups();
    const group = (axes: string[], length: number) => ({
      posterior: { ...posterior, variables: { x: { dimensions: axes, data: new Float64Array(length) } } },
    });
    expect(() => encodeNetcdf(group(['chain', 'draw'], 14))).toThrow(
      'io.encodeNetcdf: posterior.x must have as many values as its dimensions (chain, draw) among chain [3], draw [5]; got 14.',
    );
    expect(() => encodeNetcdf(group(['chain', 'sample'], 15))).toThrow('(chain, sample) among chain [3]');
  });
});

describe('the checksum of HDF5', () => {
  const checksumOf = (text: string) => lookup3(new TextEncoder().encode(text));

  it('has the values that its author published', () => {
    // Bob Jenkins, lookup3.c, driver5: hashlittle of the empty text and of a text of 30 bytes.
    expect(checksumOf('')).toBe(0xdeadbeef);
    expect(checksumOf('Four score and seven years ago')).toBe(0x17770551);
  });
});
