import { expect, it } from 'vitest';
import * as flows from '../src/index.ts';

it('exports these names and no others', () => {
  expect(Object.keys(flows).sort()).toMatchInlineSnapshot(`
    [
      "conditionalDensity",
      "createFlow",
      "fromArrays",
      "identityStandardisation",
      "initFlow",
      "logProbTensor",
      "mixtureDensity",
      "standardisationLogDet",
      "standardise",
      "toArrays",
      "toBaseTensor",
      "toStandard",
      "trainFlow",
    ]
  `);
});
