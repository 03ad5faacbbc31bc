import { type Numbers, type Place, requireLength, requireNumbers, requireThat } from './arguments.ts';
import { chart } from './chart.ts';
import type { LegendEntry } from './legend.ts';
import { type Axes, band, curvePoints, strokedPath } from './path.ts';
import { paddedLogDomain } from './scale.ts';
import { seriesColour } from './theme.ts';

export interface HistogramSeries {
  readonly label: string;
  /** Bin edges, ascending, one more than `values`. */
  readonly edges: Numbers;
  /** Height per bin: counts or a density. */
  readonly values: Numbers;
  /** Half width of the error band per bin. */
  readonly errors?: Numbers;
  readonly colour?: string;
}

export interface HistogramCurve {
  readonly label: string;
  readonly x: Numbers;
  readonly y: Numbers;
  readonly colour?: string;
}

export interface HistogramPlotOptions {
  readonly series: readonly HistogramSeries[];
  /** Smooth curves to compare with, as a predicted density. */
  readonly curves?: readonly HistogramCurve[];
  readonly xLabel: string;
  readonly yLabel?: string;
  readonly logY?: boolean;
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
}

const plot = 'histogramPlot';

/**
 * Histograms given by edges and heights, such as one-point functions of maps, with curves of a prediction.
 *
 * @throws {InvalidArgumentError} if there is nothing to draw, lengths do not match, edges do not ascend, or a number is not finite.
 */
export function histogramPlot(options: HistogramPlotOptions): string {
  const { series, curves = [], width = 560, height = 300, logY = false } = options;
  series.forEach(checkSeries);
  curves.forEach(checkCurve);
  requireThat(
    series.length + curves.length > 0,
    { plot, argument: 'series' },
    'hold at least one histogram',
    'none',
  );
  const xs = [
    ...series.flatMap(({ edges }) => Array.from(edges)),
    ...curves.flatMap(({ x }) => Array.from(x)),
  ];
  const ys = [
    ...series.flatMap(({ values }) => Array.from(values)),
    ...curves.flatMap(({ y }) => Array.from(y)),
  ];
  const positive = ys.filter((y) => y > 0);
  requireThat(!logY || positive.length > 0, { plot, argument: 'logY' }, 'have positive heights', 'none');
  const colour = (i: number): string => series[i].colour ?? seriesColour(i);
  const curveColour = (i: number): string => curves[i].colour ?? seriesColour(series.length + i);
  const entries: LegendEntry[] = [
    ...series.map(({ label }, i): LegendEntry => ({ label, colour: colour(i), mark: 'patch' })),
    ...curves.map(({ label }, i): LegendEntry => ({ label, colour: curveColour(i), mark: 'line' })),
  ];
  const top = ys.reduce((a, b) => Math.max(a, b), 0) || 1;
  return chart({
    width,
    height,
    title: options.title,
    description: `Histogram: ${entries.map((entry) => entry.label).join(', ')}`,
    x: { domain: [Math.min(...xs), Math.max(...xs)], label: options.xLabel },
    y: {
      domain: logY ? paddedLogDomain(Math.min(...positive), top) : [0, top * 1.08],
      log: logY,
      ...(options.yLabel === undefined ? {} : { label: options.yLabel }),
    },
    entries,
    draw: (axes) =>
      series.map((one, i) => histogram(axes, one, colour(i))).join('') +
      curves
        .map(({ x, y }, i) => strokedPath(curvePoints(axes, x, y), { stroke: curveColour(i), width: 1.7 }))
        .join(''),
  });
}

function histogram(axes: Axes, { edges, values, errors }: HistogramSeries, colour: string): string {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let i = 0; i < values.length; i++) {
    xs.push(edges[i], edges[i + 1]);
    ys.push(values[i], values[i]);
  }
  const floor = axes.y.domain[0];
  const base = new Float64Array(xs.length).fill(floor);
  const raised = ys.map((y) => Math.max(y, floor));
  let out = band(axes, xs, base, raised, colour, 0.18);
  if (errors) {
    const spread = (sign: number): number[] => ys.map((y, k) => Math.max(floor, y + sign * errors[k >> 1]));
    out += band(axes, xs, spread(-1), spread(1), colour, 0.3);
  }
  return out + strokedPath(curvePoints(axes, xs, raised), { stroke: colour, width: 1.5 });
}

function checkSeries({ edges, values, errors }: HistogramSeries, i: number): void {
  const at = (field: string): Place => ({ plot, argument: `series[${i}].${field}` });
  requireNumbers(values, at('values'));
  requireNumbers(edges, at('edges'));
  requireLength(edges, values.length + 1, at('edges'), 'Give one edge more than there are bins.');
  for (let k = 1; k < edges.length; k++) {
    requireThat(edges[k] > edges[k - 1], at('edges'), 'ascend', `${edges[k]} after ${edges[k - 1]}`);
  }
  if (errors) {
    requireNumbers(errors, at('errors'));
    requireLength(errors, values.length, at('errors'));
  }
}

function checkCurve({ x, y }: HistogramCurve, i: number): void {
  requireNumbers(x, { plot, argument: `curves[${i}].x` });
  requireNumbers(y, { plot, argument: `curves[${i}].y` });
  requireLength(y, x.length, { plot, argument: `curves[${i}].y` });
}
