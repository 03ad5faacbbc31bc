import { expect, it } from 'vitest';
import * as compressors from '../src/index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(compressors).sort()).toMatchInlineSnapshot(`
    [
      "averagePool",
      "bandPowerFeatures",
      "createCompressor",
      "createConvolutionalNetwork",
      "fromArrays",
      "initNetwork",
      "joinStatistics",
      "mapsInMemory",
      "mse",
      "noisyBatches",
      "quantisedMaps",
      "thirdMomentFeatures",
      "toArrays",
      "trainCompressor",
      "vmim",
    ]
  `);
});
