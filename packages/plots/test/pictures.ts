import * as plots from '../src/index.ts';
import { gaussianTable, normals, uniforms } from './gaussian-draws.ts';

const ell = [100, 300, 900, 2700];
const three = (value: number): number[][] => [0, 1, 2].map(() => ell.map((l) => value / l));

/** One of each picture, with small inputs that have known places. */
export const pictures: Readonly<Record<string, () => string>> = {
  cornerPlot: () =>
    plots.cornerPlot({
      posteriors: [
        { label: 'a', samples: gaussianTable(1, 500, [0.3, 0.8, -1]) },
        { label: 'b', samples: gaussianTable(2, 500, [0.35, 0.8, -1]), filled: false, effectiveSize: 50 },
      ],
      labels: ['Ω_c', '*σ*_8', '*w*_0'],
      truth: [0.3, 0.8, Number.NaN],
      bounds: [
        [0, Infinity],
        [0.7, 1],
        [-2, -0.3],
      ],
    }),
  'cornerPlot of one parameter': () =>
    plots.cornerPlot({ posteriors: [{ label: 'a', samples: gaussianTable(3, 100, [1]) }], labels: ['x'] }),
  'cornerPlot of a constant': () =>
    plots.cornerPlot({
      posteriors: [{ label: 'a', samples: { shape: [20, 2], data: new Float32Array(40).fill(0.7) } }],
      labels: ['x', 'y'],
    }),
  mapPlot: () =>
    plots.mapPlot({
      maps: { shape: [8, 8, 2], data: new Float32Array(128).map((_, i) => i) },
      fieldSizeDeg: 2.5,
    }),
  redshiftPlot: () =>
    plots.redshiftPlot({ bins: [{ z: [0, 1, 2], density: [0, 1, 0] }], title: 'n(z) & more' }),
  spectraPlot: () =>
    plots.spectraPlot({
      measured: { label: 'measured', ell, values: three(-1e-8), errors: three(1e-8) },
      curves: [{ label: 'theory', ell, values: three(2e-8) }],
      bands: [{ label: 'posterior', ell, low: three(1e-8), high: three(3e-8) }],
    }),
  'spectraPlot of pulls': () =>
    plots.spectraPlot({
      measured: { label: 'm', ell, values: three(3e-8), errors: three(1e-8), expected: three(2e-8) },
      quantity: 'pulls',
    }),
  tracePlot: () => {
    const normal = normals(4);
    const samples = { shape: [2, 50, 2], data: Float64Array.from({ length: 200 }, normal) };
    return plots.tracePlot({ samples, labels: ['a', 'b'], truth: [0, 0] });
  },
  lossPlot: () =>
    plots.lossPlot({ series: [{ label: 'training', values: [3, 2, 1.5] }], bestStep: 2, logY: true }),
  'lossPlot of one step': () => plots.lossPlot({ series: [{ label: 'training', values: [3] }] }),
  coveragePlot: () =>
    plots.coveragePlot({
      curves: [
        { label: 'TARP', level: [0, 0.5, 1], coverage: [0, 0.4, 1], low: [0, 0.3, 1], high: [0, 0.6, 1] },
      ],
    }),
  rankPlot: () => {
    const uniform = uniforms(5);
    const ranks = [0, 1].map(() => Array.from({ length: 200 }, () => Math.floor(uniform() * 100)));
    return plots.rankPlot({ ranks, labels: ['Ω_c', '*h*'], numDraws: 99 });
  },
  histogramPlot: () =>
    plots.histogramPlot({
      series: [{ label: 'bin 1', edges: [0, 1, 2, 3], values: [1, 0, 4], errors: [0.5, 0, 1] }],
      curves: [{ label: 'prediction', x: [0, 3], y: [1, 4] }],
      xLabel: 'x',
      logY: true,
    }),
  energyPlot: () => {
    const normal = normals(6);
    return plots.energyPlot({
      energy: { shape: [2, 100], data: Float64Array.from({ length: 200 }, normal) },
    });
  },
};
