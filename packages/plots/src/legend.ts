import { label, labelWidth } from './label.ts';
import { element, segment } from './svg.ts';
import { THEME } from './theme.ts';

export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly mark: 'line' | 'dashed' | 'patch' | 'point';
  /** Of a patch; default 0.55. */
  readonly opacity?: number;
}

const KEY_WIDTH = 24;
const ROW_HEIGHT = 20;

function mark(entry: LegendEntry, x: number, y: number): string {
  const style = { stroke: entry.colour, width: 2 };
  switch (entry.mark) {
    case 'line':
      return segment(x, y, x + KEY_WIDTH, y, style);
    case 'dashed':
      return segment(x, y, x + KEY_WIDTH, y, { ...style, dash: '5 3' });
    case 'point':
      return element('circle', { cx: x + KEY_WIDTH / 2, cy: y, r: 3.2, fill: entry.colour });
    case 'patch':
      return element('rect', {
        x: x + 3,
        y: y - 6,
        width: KEY_WIDTH - 6,
        height: 12,
        fill: entry.colour,
        'fill-opacity': entry.opacity ?? 0.55,
        stroke: entry.colour,
      });
  }
}

export function legendWidth(entries: readonly LegendEntry[], size: number = THEME.tickSize): number {
  return KEY_WIDTH + 8 + Math.max(0, ...entries.map((entry) => labelWidth(entry.label, size)));
}

export function legendHeight(entries: readonly LegendEntry[]): number {
  return entries.length * ROW_HEIGHT;
}

/** A column of entries with its top left corner at (x, y). */
export function legend(
  entries: readonly LegendEntry[],
  x: number,
  y: number,
  size: number = THEME.tickSize,
): string {
  return entries
    .map((entry, i) => {
      const middle = y + (i + 0.5) * ROW_HEIGHT;
      return mark(entry, x, middle) + label(entry.label, x + KEY_WIDTH + 8, middle + size * 0.34, { size });
    })
    .join('');
}

/** Entries side by side from (x, y); wraps never, so keep them few. */
export function legendRow(entries: readonly LegendEntry[], x: number, y: number): string {
  let left = x;
  let out = '';
  for (const entry of entries) {
    out += mark(entry, left, y) + label(entry.label, left + KEY_WIDTH + 6, y + 4);
    left += KEY_WIDTH + 6 + labelWidth(entry.label, THEME.tickSize) + 18;
  }
  return out;
}
