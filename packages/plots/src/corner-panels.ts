import { type Contour, contourPath, massContours } from './contour.ts';
import type { CornerColumns, CornerData } from './corner.ts';
import { type Curve, kernelDensity } from './density-1d.ts';
import { kernelDensity2d } from './density-2d.ts';
import { label } from './label.ts';
import { type LegendEntry, legend, legendWidth } from './legend.ts';
import { panel, tickLabelWidth } from './panel.ts';
import { type Axes, curvePoints, filledCurve, strokedPath } from './path.ts';
import { linearScale } from './scale.ts';
import { type Box, element, segment } from './svg.ts';
import { THEME } from './theme.ts';

const GAP = 9;
const LABEL_SIZE = 16;
const BOTTOM = 52;
const TOP = 14;
const RIGHT = 16;
const TICKS = 3;

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly content: string;
}

/** The lower triangle of panels, and the legend in the free corner. */
export function cornerPanels(data: CornerData): Picture {
  const { panelSize: size, labels } = data;
  const d = labels.length;
  const left = leftMargin(data);
  const side = d * size + (d - 1) * GAP;
  let content = '';
  for (let row = 0; row < d; row++) {
    for (let column = 0; column <= row; column++) {
      const box = { x: left + column * (size + GAP), y: TOP + row * (size + GAP), width: size, height: size };
      content += row === column ? marginalPanel(data, row, box) : jointPanel(data, column, row, box);
    }
    content += rowLabel(data, row, TOP + row * (size + GAP) + size / 2);
    content += columnLabel(data, row, left + row * (size + GAP) + size / 2, TOP + side);
  }
  const entries = legendEntries(data);
  const wide = legendWidth(entries, THEME.labelSize);
  // One or two parameters leave no free corner that is wide enough: the legend then stands beside the panels.
  const free = d >= 3;
  const legendX = free ? left + side - Math.max(wide, size * 0.9) : left + side + 24;
  content += legend(entries, legendX, free ? TOP + 4 : TOP, THEME.labelSize);
  return {
    width: left + side + (free ? RIGHT : 24 + wide + RIGHT),
    height: TOP + side + BOTTOM,
    content,
  };
}

function leftMargin(data: CornerData): number {
  const widths = data.domains
    .slice(1)
    .map((domain) => tickLabelWidth(linearScale(domain, [data.panelSize, 0]), TICKS));
  return Math.max(24, ...widths) + THEME.tickLength + LABEL_SIZE + 20;
}

function rowLabel(data: CornerData, row: number, middle: number): string {
  if (row === 0) return '';
  return label(data.labels[row], 16, middle, { anchor: 'middle', size: LABEL_SIZE, rotate: -90 });
}

function columnLabel(data: CornerData, column: number, middle: number, bottom: number): string {
  return label(data.labels[column], middle, bottom + 43, { anchor: 'middle', size: LABEL_SIZE });
}

function legendEntries(data: CornerData): LegendEntry[] {
  const entries: LegendEntry[] = data.posteriors.map((posterior) => ({
    label: posterior.label,
    colour: posterior.colour,
    mark: posterior.filled ? 'patch' : 'line',
  }));
  if (data.truth) entries.push({ label: data.truthLabel, colour: THEME.ink, mark: 'dashed' });
  return entries;
}

const TRUTH = { stroke: THEME.ink, width: 1.1, dash: '5 3' } as const;
const BOUND = { stroke: THEME.muted, width: 1, dash: '1.5 2.5' } as const;

function marginalPanel(data: CornerData, i: number, box: Box): string {
  const [domain, bounds] = [data.domains[i], data.bounds[i]];
  const curves = data.posteriors.map((posterior) => marginal(posterior, i, domain, bounds));
  const peak = Math.max(...curves.map((curve) => curve.y.reduce((a, b) => Math.max(a, b), 0)));
  const x = linearScale(domain, [box.x, box.x + box.width]);
  const y = linearScale([0, peak * 1.12], [box.y + box.height, box.y]);
  const bottom = { top: box.y, bottom: box.y + box.height };
  let content = '';
  curves.forEach((curve, p) => {
    const { colour, filled } = data.posteriors[p];
    if (filled) content += filledCurve({ x, y }, curve.x, curve.y, colour, 0.14);
    content += strokedPath(withDrops({ x, y }, curve), { stroke: colour, width: 1.7 });
  });
  content += verticalMarks(data, i, { x, y }, bottom);
  const last = i === data.labels.length - 1;
  return panel({
    box,
    axes: { x, y },
    content,
    xAxis: { tickCount: TICKS, showTickLabels: last, inside: true },
  });
}

function marginal(
  posterior: CornerColumns,
  i: number,
  domain: readonly [number, number],
  bounds: readonly [number, number],
): Curve {
  return kernelDensity(posterior.columns[i], { domain, bounds, effectiveSize: posterior.effectiveSize });
}

/** The curve with vertical ends, which show only where a bound cuts a density that is not yet zero. */
function withDrops(axes: Axes, { x, y }: Curve): number[] {
  const points = curvePoints(axes, x, y);
  const base = axes.y.position(0);
  return [points[0], base, ...points, points[points.length - 2], base];
}

function jointPanel(data: CornerData, column: number, row: number, box: Box): string {
  const x = linearScale(data.domains[column], [box.x, box.x + box.width]);
  const y = linearScale(data.domains[row], [box.y + box.height, box.y]);
  let content = '';
  for (const posterior of data.posteriors) {
    const grid = kernelDensity2d(posterior.columns[column], posterior.columns[row], {
      x: data.domains[column],
      y: data.domains[row],
      xBounds: data.bounds[column],
      yBounds: data.bounds[row],
      effectiveSize: posterior.effectiveSize,
    });
    content += regions({ x, y }, massContours(grid, data.masses), posterior);
  }
  content += verticalMarks(data, column, { x, y }, { top: box.y, bottom: box.y + box.height });
  content += horizontalMarks(data, row, { x, y }, box);
  return panel({
    box,
    axes: { x, y },
    content,
    xAxis: { tickCount: TICKS, showTickLabels: row === data.labels.length - 1, inside: true },
    yAxis: { tickCount: TICKS, showTickLabels: column === 0, inside: true },
  });
}

/** Wide regions first, paler; the lines of all on top. */
function regions(axes: Axes, contours: readonly Contour[], posterior: CornerColumns): string {
  const ordered = [...contours].sort((a, b) => b.mass - a.mass);
  return ordered
    .map((contour, k) =>
      element('path', {
        d: contourPath(axes, contour),
        fill: posterior.filled ? posterior.colour : 'none',
        'fill-opacity': posterior.filled ? (k === 0 ? 0.18 : 0.38) : undefined,
        'fill-rule': 'evenodd',
        stroke: posterior.colour,
        'stroke-width': 1.2,
        'stroke-linejoin': 'round',
      }),
    )
    .join('');
}

function verticalMarks(
  data: CornerData,
  i: number,
  { x }: Axes,
  { top, bottom }: { readonly top: number; readonly bottom: number },
): string {
  const at = (value: number, style: typeof TRUTH | typeof BOUND): string =>
    inside(value, x.domain) ? segment(x.position(value), top, x.position(value), bottom, style) : '';
  return (
    data.bounds[i].map((bound) => at(bound, BOUND)).join('') + (data.truth ? at(data.truth[i], TRUTH) : '')
  );
}

function horizontalMarks(data: CornerData, i: number, { y }: Axes, box: Box): string {
  const at = (value: number, style: typeof TRUTH | typeof BOUND): string =>
    inside(value, y.domain)
      ? segment(box.x, y.position(value), box.x + box.width, y.position(value), style)
      : '';
  return (
    data.bounds[i].map((bound) => at(bound, BOUND)).join('') + (data.truth ? at(data.truth[i], TRUTH) : '')
  );
}

function inside(value: number, [low, high]: readonly [number, number]): boolean {
  return value > low && value < high;
}
