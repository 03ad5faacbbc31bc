import { expect, it } from 'vitest';
import * as diagnostics from '../src/index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(diagnostics).sort()).toMatchInlineSnapshot(`
    [
      "autocovariance",
      "bandAverages",
      "bandQuadrature",
      "c2st",
      "divergenceLocations",
      "essBulk",
      "essMean",
      "essQuantile",
      "essSd",
      "essTail",
      "evenBandEdges",
      "expectedCoverage",
      "figureOfMerit",
      "lc2st",
      "mapMoments",
      "mcseMean",
      "mcseQuantile",
      "mcseSd",
      "measuredSpectra",
      "onePointFunction",
      "rankScores",
      "rankUniformity",
      "rhat",
      "sbcRanks",
      "summarizeChains",
      "summarizeSamples",
      "tarp",
    ]
  `);
});
