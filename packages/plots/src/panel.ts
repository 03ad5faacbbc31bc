import { label, labelWidth } from './label.ts';
import type { Axes } from './path.ts';
import type { Scale, Tick } from './scale.ts';
import { type Box, clipped, element, segment } from './svg.ts';
import { THEME } from './theme.ts';

export interface AxisOptions {
  readonly label?: string;
  /** Ticks with their labels; `false` draws the marks alone. */
  readonly showTickLabels?: boolean;
  readonly tickCount?: number;
  readonly grid?: boolean;
  /** Leaves out tick labels that would stick out of the panel, where another panel may begin. */
  readonly inside?: boolean;
  /** Distance of the axis label's baseline from the frame. */
  readonly labelOffset?: number;
}

export interface PanelOptions {
  readonly box: Box;
  readonly axes: Axes;
  readonly xAxis?: AxisOptions;
  readonly yAxis?: AxisOptions;
  /** Drawn above the frame, left aligned. */
  readonly title?: string;
  /** Drawn inside the frame and cut at it. */
  readonly content: string;
}

const GAP = 6;

/** The ticks along x whose labels stand clear of one another and, if so asked, within the ends of the axis. */
export function fittingTicks(scale: Scale, count: number, inside = false): Tick[] {
  const endsOf = (tick: Tick): [number, number] => {
    const half = labelWidth(tick.label, THEME.tickSize) / 2;
    return [scale.position(tick.value) - half, scale.position(tick.value) + half];
  };
  const [left, right] = inside ? [scale.range[0] - 3, scale.range[1] + 3] : [-Infinity, Infinity];
  // The wanted number first, then fewer; more only where fewer leave less than the two that show a scale.
  const fewer = Array.from({ length: count }, (_, k) => count - k);
  const counts = [...fewer, count + 1, count + 2, count + 3];
  let best: Tick[] = [];
  for (const n of counts) {
    const ticks = scale.ticks(n).filter((tick) => endsOf(tick)[0] >= left && endsOf(tick)[1] <= right);
    const ends = ticks.map(endsOf);
    if (!ends.every((end, i) => i === 0 || end[0] - ends[i - 1][1] >= GAP)) continue;
    if (ticks.length >= 2) return ticks;
    if (ticks.length > best.length) best = ticks;
  }
  return best;
}

function xAxis({ x }: Axes, box: Box, options: AxisOptions): string {
  const bottom = box.y + box.height;
  const ticks = fittingTicks(x, options.tickCount ?? Math.max(2, Math.round(box.width / 70)), options.inside);
  let out = '';
  for (const value of x.minorTicks()) {
    out += segment(x.position(value), bottom, x.position(value), bottom + 2, {
      stroke: THEME.frame,
      width: 0.7,
    });
  }
  for (const tick of ticks) {
    const at = x.position(tick.value);
    out += segment(at, bottom, at, bottom + THEME.tickLength, { stroke: THEME.frame, width: 0.9 });
    if (options.showTickLabels !== false) {
      out += label(tick.label, at, bottom + THEME.tickLength + 12, { anchor: 'middle', colour: THEME.muted });
    }
  }
  if (options.label !== undefined) {
    const y = bottom + (options.labelOffset ?? 36);
    out += label(options.label, box.x + box.width / 2, y, { anchor: 'middle', size: THEME.labelSize });
  }
  return out;
}

function yTicks({ y }: Axes, box: Box, options: AxisOptions): Tick[] {
  const count = options.tickCount ?? Math.max(2, Math.round(box.height / 45));
  if (!options.inside) return y.ticks(count);
  const half = THEME.tickSize / 2;
  const fits = ({ value }: Tick): boolean =>
    y.position(value) > box.y + half && y.position(value) < box.y + box.height - half;
  const choices = [0, 1, 2, 3].map((more) => y.ticks(count + more).filter(fits));
  return choices.find((ticks) => ticks.length >= 2) ?? choices[0];
}

function yAxis(axes: Axes, box: Box, options: AxisOptions): string {
  const { y } = axes;
  let out = '';
  for (const value of y.minorTicks()) {
    out += segment(box.x - 2, y.position(value), box.x, y.position(value), {
      stroke: THEME.frame,
      width: 0.7,
    });
  }
  for (const tick of yTicks(axes, box, options)) {
    const at = y.position(tick.value);
    out += segment(box.x - THEME.tickLength, at, box.x, at, { stroke: THEME.frame, width: 0.9 });
    if (options.showTickLabels !== false) {
      out += label(tick.label, box.x - THEME.tickLength - 3, at + 4, { anchor: 'end', colour: THEME.muted });
    }
  }
  if (options.label !== undefined) {
    const x = box.x - (options.labelOffset ?? yLabelOffset(axes, box, options));
    const middle = box.y + box.height / 2;
    out += label(options.label, x, middle, { anchor: 'middle', size: THEME.labelSize, rotate: -90 });
  }
  return out;
}

/** Width of the widest tick label of a vertical axis. */
export function tickLabelWidth(scale: Scale, tickCount: number): number {
  return Math.max(0, ...scale.ticks(tickCount).map((tick) => labelWidth(tick.label, THEME.tickSize)));
}

/** How far left of the frame the y label must stand to clear the tick labels. */
export function yLabelOffset(axes: Axes, box: Box, options: AxisOptions = {}): number {
  const widths = yTicks(axes, box, options).map((tick) => labelWidth(tick.label, THEME.tickSize));
  return (options.showTickLabels === false ? 0 : Math.max(0, ...widths)) + THEME.tickLength + 14;
}

function gridLines(axes: Axes, box: Box, options: PanelOptions): string {
  let out = '';
  const style = { stroke: THEME.grid, width: 1 };
  if (options.xAxis?.grid) {
    for (const { value } of fittingTicks(axes.x, options.xAxis.tickCount ?? Math.round(box.width / 70))) {
      out += segment(axes.x.position(value), box.y, axes.x.position(value), box.y + box.height, style);
    }
  }
  if (options.yAxis?.grid) {
    for (const { value } of yTicks(axes, box, options.yAxis)) {
      out += segment(box.x, axes.y.position(value), box.x + box.width, axes.y.position(value), style);
    }
  }
  return out;
}

/** A framed plotting area with its axes. */
export function panel(options: PanelOptions): string {
  const { box, axes } = options;
  const frame = element('rect', { ...box, fill: 'none', stroke: THEME.frame, 'stroke-width': 0.9 });
  const title =
    options.title === undefined
      ? ''
      : label(options.title, box.x, box.y - 7, { size: THEME.titleSize, weight: 600 });
  return [
    clipped(box, gridLines(axes, box, options) + options.content),
    frame,
    options.xAxis ? xAxis(axes, box, options.xAxis) : '',
    options.yAxis ? yAxis(axes, box, options.yAxis) : '',
    title,
  ].join('');
}
