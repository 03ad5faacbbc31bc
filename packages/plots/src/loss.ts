import { type Numbers, requireFinite, requireLength, requireThat } from './arguments.ts';
import { chart } from './chart.ts';
import type { LegendEntry } from './legend.ts';
import { curvePoints, strokedPath, thinnedSeries } from './path.ts';
import { paddedDomain, paddedLogDomain } from './scale.ts';
import { element, segment } from './svg.ts';
import { seriesColour, THEME } from './theme.ts';

export interface LossSeries {
  readonly label: string;
  readonly values: Numbers;
  /** Where the values stand; 1, 2, 3, ... by default. */
  readonly steps?: Numbers;
  readonly colour?: string;
  readonly dashed?: boolean;
}

export interface LossPlotOptions {
  /** Usually training and validation. */
  readonly series: readonly LossSeries[];
  /** The step whose parameters were kept. */
  readonly bestStep?: number;
  readonly xLabel?: string;
  readonly yLabel?: string;
  readonly logY?: boolean;
  readonly title?: string;
  readonly width?: number;
  readonly height?: number;
}

const plot = 'lossPlot';

/**
 * Losses against training steps; a long series is thinned to what shows, extremes kept.
 *
 * @throws {InvalidArgumentError} if a series is empty or has a number that is not finite, or is not positive on a log axis.
 */
export function lossPlot(options: LossPlotOptions): string {
  const { width = 560, height = 300 } = options;
  check(options);
  const lines = options.series.map((series, i) => {
    const thinned = thinnedSeries(series.values, width);
    const steps = thinned.indices.map((k) => series.steps?.[k] ?? k + 1);
    return { ...thinned, steps, colour: series.colour ?? seriesColour(i), dashed: series.dashed ?? false };
  });
  const all = lines.flatMap((line) => line.values);
  const steps = lines.flatMap((line) => line.steps);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const entries: LegendEntry[] = options.series.map((series, i) => ({
    label: series.label,
    colour: lines[i].colour,
    mark: series.dashed ? 'dashed' : 'line',
  }));
  if (options.bestStep !== undefined) entries.push({ label: 'kept', colour: THEME.ink, mark: 'dashed' });
  return chart({
    width,
    height,
    title: options.title,
    description: `Losses: ${options.series.map((series) => series.label).join(', ')}`,
    x: { domain: xDomain(steps), label: options.xLabel ?? 'epoch' },
    y: {
      domain: options.logY ? paddedLogDomain(low, high) : paddedDomain(low, high),
      label: options.yLabel ?? 'loss',
      log: options.logY ?? false,
    },
    entries,
    draw: (axes, box) => {
      let out = '';
      for (const line of lines) {
        const style = { stroke: line.colour, width: 1.6, ...(line.dashed ? { dash: '5 3' } : {}) };
        out += strokedPath(curvePoints(axes, line.steps, line.values), style);
        if (line.values.length === 1) {
          const [cx, cy] = curvePoints(axes, line.steps, line.values);
          out += element('circle', { cx, cy, r: 3, fill: line.colour });
        }
      }
      if (options.bestStep === undefined) return out;
      const x = axes.x.position(options.bestStep);
      return out + segment(x, box.y, x, box.y + box.height, { stroke: THEME.ink, dash: '5 3' });
    },
  });
}

function xDomain(steps: readonly number[]): [number, number] {
  const [low, high] = [Math.min(...steps), Math.max(...steps)];
  return low < high ? [low, high] : [low - 1, high + 1];
}

function check({ series, logY }: LossPlotOptions): void {
  requireThat(series.length > 0, { plot, argument: 'series' }, 'hold at least one series', 'none');
  series.forEach(({ values, steps }, i) => {
    const place = { plot, argument: `series[${i}].values` };
    requireThat(values.length > 0, place, 'hold at least one number', 'an empty array');
    requireFinite(values, place);
    if (steps) requireLength(steps, values.length, { plot, argument: `series[${i}].steps` });
    if (!logY) return;
    for (let k = 0; k < values.length; k++) {
      requireThat(values[k] > 0, place, 'be positive on a log axis', `${values[k]} at index ${k}`);
    }
  });
}
