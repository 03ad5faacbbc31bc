import { expect, it } from 'vitest';
import * as api from '../src/index.ts';

it('exports these names', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "COSMOLOGY_PARAMETERS",
      "HUBBLE_DISTANCE_MPC_PER_H",
      "binPairs",
      "checkCosmology",
      "convergenceSpectra",
      "cosmologyOf",
      "createGaussianLikelihood",
      "createSpectraEngine",
      "distanceTable",
      "equalNumberEdges",
      "gaussianCovariance",
      "growthTable",
      "linearPower",
      "nonlinearPower",
      "shapeNoisePower",
      "smailDistribution",
      "sphericalFactor",
      "tabulatedDistribution",
      "thetaOf",
      "tomographicBins",
    ]
  `);
});
