import { expect, it } from 'vitest';
import * as hmc from '../src/index.ts';

it('exports what it says and nothing else', () => {
  expect(Object.keys(hmc).sort()).toMatchInlineSnapshot(`
    [
      "adjustedMclmc",
      "blanesThreeStage",
      "blockMetric",
      "buildHmcKernel",
      "buildNutsKernel",
      "createChain",
      "decodeCheckpoint",
      "denseMetric",
      "diagonalMetric",
      "dualAveraging",
      "encodeCheckpoint",
      "findInitialStepSize",
      "hmc",
      "inGaussian",
      "integrate",
      "lowRankMetric",
      "manyNuts",
      "manySlice",
      "mclachlan",
      "mclmc",
      "nuts",
      "omelyan",
      "pathfinder",
      "pooledMoments",
      "runChain",
      "runChains",
      "runManyChains",
      "snapshotDistance",
      "tuneMclmc",
      "unitMetric",
      "varianceOf",
      "velocityVerlet",
      "warmupSchedule",
      "windowedAdaptation",
    ]
  `);
});
