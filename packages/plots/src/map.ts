import type { FloatArray, NdArray } from '@lensfield/contracts';
import { type Place, requireFinite, requireInterval, requireLength, requireThat } from './arguments.ts';
import { COLOUR_MAP_NAMES, type ColourMapName } from './colour-map.ts';
import { label, plainLabel } from './label.ts';
import { type Plane, planePng, pngImage } from './map-image.ts';
import { panel, tickLabelWidth } from './panel.ts';
import { linearScale } from './scale.ts';
import { type Box, svgDocument } from './svg.ts';
import { THEME } from './theme.ts';

export interface MapPlotOptions {
  /** Maps [rows, columns, bins], or one map [rows, columns]. Row 0 is drawn at the bottom. */
  readonly maps: NdArray<FloatArray>;
  /** Length of a side, degrees. */
  readonly fieldSizeDeg: number;
  /** One title per bin; `bin 1`, `bin 2`, ... by default. */
  readonly titles?: readonly string[];
  /** What the colours mean; convergence by default. */
  readonly valueLabel?: string;
  /** Values of the end colours; by default the 0.5 % and the 99.5 % quantile of all maps. */
  readonly limits?: readonly [number, number];
  readonly colourMap?: ColourMapName;
  /** Side of a panel in px, 190 by default. */
  readonly panelSize?: number;
  /** Panels in a row; all by default. */
  readonly columns?: number;
}

const plot = 'mapPlot';
const GAP = 14;
const TITLE = 26;
const BOTTOM = 50;
const BAR_WIDTH = 12;

/**
 * Maps side by side with common colours and one colour bar, axes in degrees.
 *
 * @returns An SVG document with the pixels as embedded PNG.
 * @throws {InvalidArgumentError} if the shape is not [rows, columns] or [rows, columns, bins], or a pixel is not finite.
 */
export function mapPlot(options: MapPlotOptions): string {
  const { maps, panelSize: size = 190, colourMap = 'viridis' } = options;
  check(options);
  const bins = maps.shape[2] ?? 1;
  const titles = options.titles ?? Array.from({ length: bins }, (_, i) => (bins === 1 ? '' : `bin ${i + 1}`));
  const limits = options.limits ?? robustLimits(maps.data);
  const perRow = Math.min(bins, options.columns ?? bins);
  const rows = Math.ceil(bins / perRow);
  const degrees = linearScale([0, options.fieldSizeDeg], [size, 0]);
  const left = tickLabelWidth(degrees, 5) + THEME.tickLength + THEME.labelSize + 16;
  const pitch = size + TITLE + 12;
  let content = '';
  for (let bin = 0; bin < bins; bin++) {
    const [column, row] = [bin % perRow, Math.floor(bin / perRow)];
    const box = { x: left + column * (size + GAP), y: TITLE + row * pitch, width: size, height: size };
    const plane = {
      values: maps.data,
      rows: maps.shape[0],
      columns: maps.shape[1],
      stride: bins,
      offset: bin,
    };
    const lowest = bin + perRow >= bins;
    content += mapPanel(
      box,
      plane,
      { limits, colourMap, title: titles[bin], column, lowest },
      options.fieldSizeDeg,
    );
  }
  const right = left + perRow * (size + GAP);
  const bar = { x: right, y: TITLE, width: BAR_WIDTH, height: rows * pitch - TITLE - 12 };
  const valueLabel = options.valueLabel ?? 'convergence *κ*';
  const { content: barContent, width } = colourBar(bar, limits, colourMap, valueLabel);
  const height = TITLE + (rows - 1) * pitch + size + BOTTOM;
  const what = `Maps of ${plainLabel(valueLabel)}, ${bins} panels of ${options.fieldSizeDeg} degrees`;
  return svgDocument(right + BAR_WIDTH + width, height, what, content + barContent);
}

function check({ maps, fieldSizeDeg, titles, limits, colourMap, columns }: MapPlotOptions): void {
  const at = (argument: string): Place => ({ plot, argument });
  const { shape, data } = maps;
  const shown = `[${shape.join(', ')}]`;
  const sized = shape.length >= 2 && shape.length <= 3 && shape.every((length) => length > 0);
  requireThat(sized, at('maps'), 'have shape [rows, columns] or [rows, columns, bins]', shown);
  requireLength(
    data,
    shape.reduce((a, b) => a * b, 1),
    at('maps.data'),
  );
  requireFinite(data, at('maps'));
  requireThat(fieldSizeDeg > 0, at('fieldSizeDeg'), 'be positive', fieldSizeDeg);
  if (titles) requireLength(titles, shape[2] ?? 1, at('titles'));
  if (limits) requireInterval(limits, at('limits'));
  if (columns !== undefined) requireThat(columns >= 1, at('columns'), 'be at least 1', columns);
  if (colourMap !== undefined) {
    requireThat(
      COLOUR_MAP_NAMES.includes(colourMap),
      at('colourMap'),
      `be one of ${COLOUR_MAP_NAMES}`,
      colourMap,
    );
  }
}

function robustLimits(data: FloatArray): [number, number] {
  const sorted = Float64Array.from(data).sort();
  const at = (p: number): number => sorted[Math.round(p * (sorted.length - 1))];
  const [low, high] = [at(0.005), at(0.995)];
  return low < high ? [low, high] : [low - (Math.abs(low) || 1), low + (Math.abs(low) || 1)];
}

interface MapPanelStyle {
  readonly limits: readonly [number, number];
  readonly colourMap: ColourMapName;
  readonly title: string;
  readonly column: number;
  readonly lowest: boolean;
}

function mapPanel(box: Box, plane: Plane, style: MapPanelStyle, fieldSizeDeg: number): string {
  const sizeDeg = [0, fieldSizeDeg] as const;
  return panel({
    box,
    axes: {
      x: linearScale(sizeDeg, [box.x, box.x + box.width]),
      y: linearScale(sizeDeg, [box.y + box.height, box.y]),
    },
    title: style.title,
    content: pngImage(planePng(plane, style.limits, style.colourMap), box),
    xAxis: {
      tickCount: 5,
      inside: true,
      showTickLabels: style.lowest,
      ...(style.lowest ? { label: 'θ_x [deg]' } : {}),
    },
    yAxis: {
      tickCount: 5,
      showTickLabels: style.column === 0,
      ...(style.column === 0 ? { label: 'θ_y [deg]' } : {}),
    },
  });
}

function colourBar(
  box: Box,
  limits: readonly [number, number],
  map: ColourMapName,
  valueLabel: string,
): { content: string; width: number } {
  const ramp = Float64Array.from(
    { length: 256 },
    (_, i) => limits[0] + ((i + 0.5) / 256) * (limits[1] - limits[0]),
  );
  const plane = { values: ramp, rows: 256, columns: 1, stride: 1, offset: 0 };
  const y = linearScale(limits, [box.y + box.height, box.y]);
  const axes = { x: linearScale([0, 1], [box.x, box.x + box.width]), y };
  let content = panel({ box, axes, content: pngImage(planePng(plane, limits, map), box) });
  const right = box.x + box.width;
  const ticks = y.ticks(5);
  for (const tick of ticks) {
    content += label(tick.label, right + 6, y.position(tick.value) + 4, { colour: THEME.muted });
  }
  const labelX = right + tickLabelWidth(y, 5) + 24;
  const middle = box.y + box.height / 2;
  content += label(valueLabel, labelX, middle, { anchor: 'middle', size: THEME.labelSize, rotate: -90 });
  return { content, width: labelX - right + 12 };
}
