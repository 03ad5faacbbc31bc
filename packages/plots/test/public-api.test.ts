import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as plots from '../src/index.ts';
import * as png from '../src/png.ts';

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
      "tracePlot",
    ]
  `);
});

it('keeps Node out of the main entry, so that pages can draw', () => {
  const folder = new URL('../src/', import.meta.url);
  const usesNode = readdirSync(folder).filter((name) =>
    /from '(node:|@resvg)/.test(readFileSync(new URL(name, folder), 'utf8')),
  );
  expect(usesNode).toEqual(['png.ts']);
  expect(readFileSync(new URL('index.ts', folder), 'utf8')).not.toContain('png');
  expect(Object.keys(png)).toEqual(['toPng']);
});
