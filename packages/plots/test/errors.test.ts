import { describe, expect, it } from 'vitest';
import * as plots from '../src/index.ts';
import { toPng } from '../src/png.ts';
import { gaussianTable } from './gaussian-draws.ts';

const samples = gaussianTable(1, 10, [0, 0]);
const broken = { shape: [10, 2], data: samples.data.map((value, i) => (i === 7 ? Number.NaN : value)) };
const maps = { shape: [2, 2], data: new Float32Array([0, Number.NaN, 1, 2]) };

const cases: readonly [name: string, draw: () => unknown, message: string][] = [
  [
    'NaN among the draws',
    () => plots.cornerPlot({ posteriors: [{ label: 'a', samples: broken }], labels: ['x', 'y'] }),
    'plots.cornerPlot: posteriors[0].samples must be finite; got NaN at index 7. Remove or repair these values.',
  ],
  [
    'no draws',
    () =>
      plots.cornerPlot({
        posteriors: [{ label: 'a', samples: { shape: [0, 2], data: new Float32Array(0) } }],
        labels: ['x', 'y'],
      }),
    'plots.cornerPlot: posteriors[0].samples must hold at least two draws; got [0, 2].',
  ],
  [
    'no posterior',
    () => plots.cornerPlot({ posteriors: [], labels: ['x'] }),
    'plots.cornerPlot: posteriors must hold at least one posterior; got none.',
  ],
  [
    'a table of another width',
    () => plots.cornerPlot({ posteriors: [{ label: 'a', samples }], labels: ['x'] }),
    'plots.cornerPlot: posteriors[0].samples must have shape [n, 1]; got [10, 2]. One column per label.',
  ],
  [
    'bounds the wrong way round',
    () =>
      plots.cornerPlot({
        posteriors: [{ label: 'a', samples }],
        labels: ['x', 'y'],
        bounds: [
          [0, 1],
          [1, 0],
        ],
      }),
    'plots.cornerPlot: bounds[1] must be [low, high] with low below high; got [1, 0].',
  ],
  [
    'NaN in a map',
    () => plots.mapPlot({ maps, fieldSizeDeg: 10 }),
    'plots.mapPlot: maps must be finite; got NaN at index 1. Remove or repair these values.',
  ],
  [
    'an unknown colour map',
    () =>
      plots.mapPlot({
        maps: { shape: [1, 1], data: new Float32Array(1) },
        fieldSizeDeg: 1,
        colourMap: 'jet' as never,
      }),
    'plots.mapPlot: colourMap must be one of viridis,cividis,magma,inferno,blue-red; got jet.',
  ],
  [
    'a number of spectra that is not triangular',
    () => plots.spectraPlot({ curves: [{ label: 'a', ell: [1], values: [[1], [1]] }] }),
    'plots.spectraPlot: curves[0].values must hold n (n + 1) / 2 spectra; got 2.',
  ],
  [
    'pulls without expected values',
    () => plots.spectraPlot({ measured: { label: 'a', ell: [1], values: [[1]] }, quantity: 'pulls' }),
    'plots.spectraPlot: measured.errors must be given for pulls; got none.',
  ],
  [
    'an empty loss',
    () => plots.lossPlot({ series: [{ label: 'a', values: [] }] }),
    'plots.lossPlot: series[0].values must hold at least one number; got an empty array.',
  ],
  [
    'a negative loss on a log axis',
    () => plots.lossPlot({ series: [{ label: 'a', values: [1, -1] }], logY: true }),
    'plots.lossPlot: series[0].values must be positive on a log axis; got -1 at index 1.',
  ],
  [
    'a coverage above one',
    () => plots.coveragePlot({ curves: [{ label: 'a', level: [0, 1], coverage: [0, 1.2] }] }),
    'plots.coveragePlot: curves[0].coverage must lie in [0, 1]; got 1.2 at index 1.',
  ],
  [
    'a rank beyond the draws',
    () => plots.rankPlot({ ranks: [[5, 100]], labels: ['a'], numDraws: 99 }),
    'plots.rankPlot: ranks[0] must hold integers from 0 to 99; got 100 at index 1.',
  ],
  [
    'a negative n(z)',
    () => plots.redshiftPlot({ bins: [{ z: [0, 1], density: [0, -1] }] }),
    'plots.redshiftPlot: bins[0].density must not be negative; got -1 at index 1.',
  ],
  [
    'edges that do not ascend',
    () => plots.histogramPlot({ series: [{ label: 'a', edges: [0, 0], values: [1] }], xLabel: 'x' }),
    'plots.histogramPlot: series[0].edges must ascend; got 0 after 0.',
  ],
  [
    'a trace of another shape',
    () => plots.tracePlot({ samples, labels: ['a'] }),
    'plots.tracePlot: samples must have shape [chains, draws >= 2, 1]; got [10, 2].',
  ],
  [
    'a single energy',
    () => plots.energyPlot({ energy: { shape: [1, 1], data: new Float64Array(1) } }),
    'plots.energyPlot: energy must have shape [chains, draws >= 3]; got [1, 1].',
  ],
];

describe.each(cases)('%s', (_, draw, message) => {
  it('is refused with what, rule and value', () => {
    expect(draw).toThrow(message);
    expect(draw).toThrow(plots.InvalidArgumentError);
  });
});

it('refuses to render what is not SVG, and absurd scales', () => {
  expect(() => toPng('hello')).toThrow('plots.toPng: svg must be an SVG document; got "hello".');
  expect(() => toPng('<svg/>', { scale: 0 })).toThrow(
    'plots.toPng: scale must be above 0 and at most 16; got 0.',
  );
});

it('carries the marker by which other lensfield packages know its errors', () => {
  const error = new plots.InvalidArgumentError('x', 'message');
  expect((error as unknown as Record<symbol, boolean>)[Symbol.for('lensfield.error')]).toBe(true);
  expect(error.code).toBe('INVALID_ARGUMENT');
});
