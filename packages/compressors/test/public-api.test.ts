import { expect, it } from 'vitest';
import * as compressors from '../src/index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(compressors).sort()).toMatchInlineSnapshot(`
    [
      "averagePool",
      "bandPowers",
      "createCompressor",
      "createConvolutionalNetwork",
      "createFeatureBank",
      "createScoreCompressor",
      "fromArrays",
      "initNetwork",
      "mapStatistics",
      "mapsInMemory",
      "mse",
      "noisyBatches",
      "quantisedMaps",
      "scoreCompression",
      "thirdMoments",
      "toArrays",
      "trainCompressor",
      "trainOnFeatures",
      "vmim",
    ]
  `);
});
