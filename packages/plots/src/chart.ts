import { type LegendEntry, legend, legendHeight, legendWidth } from './legend.ts';
import { type AxisOptions, panel, tickLabelWidth } from './panel.ts';
import type { Axes } from './path.ts';
import { linearScale, logScale } from './scale.ts';
import { type Box, element, svgDocument } from './svg.ts';
import { THEME } from './theme.ts';

export interface ChartAxis extends AxisOptions {
  readonly domain: readonly [number, number];
  readonly log?: boolean;
}

export interface ChartOptions {
  readonly width: number;
  readonly height: number;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly title?: string | undefined;
  readonly description: string;
  readonly entries?: readonly LegendEntry[];
  /** Where the legend stands: inside in a corner, or beside the frame. */
  readonly legendAt?: 'top-left' | 'top-right' | 'bottom-right' | 'beside';
  readonly draw: (axes: Axes, box: Box) => string;
}

const MARGIN = { top: 14, right: 18, bottom: 50 } as const;
const TITLE_HEIGHT = 18;

/** A picture of one framed panel with axes, grid and legend. */
export function chart(options: ChartOptions): string {
  const { width, height, entries = [], legendAt = 'top-right' } = options;
  const top = MARGIN.top + (options.title === undefined ? 0 : TITLE_HEIGHT);
  const tickCount = options.y.tickCount ?? Math.max(2, Math.round((height - top - MARGIN.bottom) / 45));
  const left =
    tickLabelWidth(scaleOf(options.y, [1, 0]), tickCount) + THEME.tickLength + THEME.labelSize + 16;
  const beside = legendAt === 'beside' && entries.length > 0 ? legendWidth(entries) + 14 : 0;
  const box = {
    x: left,
    y: top,
    width: width - left - MARGIN.right - beside,
    height: height - top - MARGIN.bottom,
  };
  const axes = {
    x: scaleOf(options.x, [box.x, box.x + box.width]),
    y: scaleOf(options.y, [box.y + box.height, box.y]),
  };
  const content = panel({
    box,
    axes,
    xAxis: { grid: true, ...options.x },
    yAxis: { grid: true, ...options.y, tickCount },
    ...(options.title === undefined ? {} : { title: options.title }),
    content: options.draw(axes, box),
  });
  return svgDocument(width, height, options.description, content + placedLegend(entries, legendAt, box));
}

function scaleOf(axis: ChartAxis, range: readonly [number, number]) {
  return axis.log ? logScale(axis.domain, range) : linearScale(axis.domain, range);
}

function placedLegend(entries: readonly LegendEntry[], at: ChartOptions['legendAt'], box: Box): string {
  if (entries.length === 0) return '';
  const [width, height] = [legendWidth(entries), legendHeight(entries)];
  if (at === 'beside') return legend(entries, box.x + box.width + 14, box.y);
  const x = at === 'top-left' ? box.x + 10 : box.x + box.width - width - 8;
  const y = at === 'bottom-right' ? box.y + box.height - height - 8 : box.y + 6;
  const plate = element('rect', {
    x: x - 5,
    y: y - 1,
    width: width + 10,
    height: height + 2,
    rx: 3,
    fill: THEME.background,
    'fill-opacity': 0.82,
  });
  return plate + legend(entries, x, y);
}
