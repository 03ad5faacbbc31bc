import { expect, it } from 'vitest';
import * as plots from '../src/index.ts';

it('exports what the README lists', () => {
  expect(Object.keys(plots).sort()).toMatchInlineSnapshot(`
    [
      "InvalidArgumentError",
      "OKABE_ITO",
      "cornerPlot",
      "coveragePlot",
      "energyPlot",
      "histogramPlot",
      "literalLabel",
      "lossPlot",
      "mapPlot",
      "rankPlot",
      "redshiftPlot",
      "spectraPlot",
      "toPng",
      "tracePlot",
    ]
  `);
});
