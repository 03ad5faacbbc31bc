import { expect, it } from 'vitest';
import * as io from '../src/index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(io).sort()).toMatchInlineSnapshot(`
    [
      "InvalidArgumentError",
      "UnsupportedError",
      "asFloat32",
      "asFloat64",
      "decodeNpy",
      "decodeNpyStrings",
      "decodeNpz",
      "decodeNpzStrings",
      "decodeSafetensors",
      "encodeNetcdf",
      "encodeNpy",
      "encodeNpyStrings",
      "encodeNpz",
      "encodeSafetensors",
      "readNpy",
      "readNpz",
      "readNpzStrings",
      "readSafetensors",
      "writeFileAtomically",
    ]
  `);
});
