import type { Numbers } from './arguments.ts';
import type { Picture } from './corner-panels.ts';
import { label } from './label.ts';
import { type LegendEntry, legend, legendWidth } from './legend.ts';
import { panel, tickLabelWidth } from './panel.ts';
import { type Axes, band, curvePoints, strokedPath } from './path.ts';
import { linearScale, logScale, paddedLogDomain, type Scale } from './scale.ts';
import type { MeasuredSpectra, SpectraBand, SpectraCurve } from './spectra.ts';
import { type Box, element, segment } from './svg.ts';
import { THEME } from './theme.ts';

export interface SpectraPanelsOptions {
  readonly numBins: number;
  readonly measured?: MeasuredSpectra;
  readonly curves: readonly (SpectraCurve & { readonly colour: string })[];
  readonly bands: readonly (SpectraBand & { readonly colour: string })[];
  readonly pointColour: string;
  readonly pulls: boolean;
  readonly binLabels: readonly string[];
  readonly panelWidth: number;
  readonly panelHeight: number;
}

const GAP = 8;
const TOP = 14;
const BOTTOM = 50;
const BAND_OPACITY = 0.3;

interface Domains {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export function spectraPanels(options: SpectraPanelsOptions): Picture {
  const { numBins, panelWidth: w, panelHeight: h } = options;
  const domains = commonDomains(options);
  const left = tickLabelWidth(verticalScale(options, domains, [h, 0]), 4) + THEME.labelSize + 26;
  const [width, height] = [numBins * w + (numBins - 1) * GAP, numBins * h + (numBins - 1) * GAP];
  let content = '';
  let pair = 0;
  for (let i = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++) {
      const box = { x: left + i * (w + GAP), y: TOP + j * (h + GAP), width: w, height: h };
      content += pairPanel(options, domains, { pair: pair++, i, j }, box);
    }
  }
  const yLabel = options.pulls ? '(measured − expected) / error' : '*ℓ*(*ℓ*+1) *C*_{ℓ} / 2π';
  const axis = { anchor: 'middle', size: THEME.labelSize } as const;
  content += label(yLabel, 14, TOP + height / 2, { ...axis, rotate: -90 });
  content += label('multipole *ℓ*', left + width / 2, TOP + height + 40, axis);
  const entries = legendEntries(options);
  const wide = legendWidth(entries, THEME.labelSize);
  const free = numBins >= 3;
  content += legend(entries, free ? left + width - wide : left + width + 20, TOP + 4, THEME.labelSize);
  return { width: left + width + 16 + (free ? 0 : wide + 20), height: TOP + height + BOTTOM, content };
}

function legendEntries({ measured, curves, bands, pulls, pointColour }: SpectraPanelsOptions): LegendEntry[] {
  if (pulls) return [];
  const entries: LegendEntry[] = measured
    ? [{ label: measured.label, colour: pointColour, mark: 'point' }]
    : [];
  for (const curve of curves) {
    entries.push({ label: curve.label, colour: curve.colour, mark: curve.dashed ? 'dashed' : 'line' });
  }
  /* Bands lie over one another, so that each looks denser than the one before it. */
  bands.forEach(({ label, colour }, i) => {
    entries.push({ label, colour, mark: 'patch', opacity: 1 - (1 - BAND_OPACITY) ** (i + 1) });
  });
  return entries;
}

function scaled(ell: Numbers, values: Numbers): number[] {
  return Array.from(values, (value, k) => (ell[k] * (ell[k] + 1) * value) / (2 * Math.PI));
}

function commonDomains(options: SpectraPanelsOptions): Domains {
  const { measured, curves, pulls } = options;
  const tables = measured && pulls ? [measured] : [...(measured ? [measured] : []), ...curves];
  const ells = tables.flatMap(({ ell }) => Array.from(ell));
  // Theory may reach further than the points: the points, where there are any, set the range.
  const xs = measured ? Array.from(measured.ell) : ells;
  const x = paddedLogDomain(Math.min(...xs), Math.max(...xs), 0.06);
  if (pulls) {
    const largest = Math.max(
      3,
      ...measured!.values.flatMap((row, p) => pullsOf(measured!, p, row).map(Math.abs)),
    );
    // The upper strip is kept free for the names of the pairs.
    return { x, y: [-largest * 1.2, largest * 1.8] };
  }
  const heights = tables.flatMap(({ ell, values }) =>
    values.flatMap((row) => scaled(ell, row).filter((y, k) => y > 0 && ell[k] >= x[0] && ell[k] <= x[1])),
  );
  if (heights.length === 0) return { x, y: [0.1, 1] };
  return { x, y: paddedLogDomain(Math.min(...heights), Math.max(...heights), 0.08) };
}

function pullsOf({ errors, expected }: MeasuredSpectra, pair: number, row: Numbers): number[] {
  return Array.from(row, (value, k) => (value - expected![pair][k]) / errors![pair][k]);
}

function verticalScale(
  { pulls }: SpectraPanelsOptions,
  { y }: Domains,
  range: readonly [number, number],
): Scale {
  return pulls ? linearScale(y, range) : logScale(y, range);
}

interface Pair {
  readonly pair: number;
  readonly i: number;
  readonly j: number;
}

function pairPanel(options: SpectraPanelsOptions, domains: Domains, { pair, i, j }: Pair, box: Box): string {
  const { measured, curves, pulls, binLabels } = options;
  const axes = {
    x: logScale(domains.x, [box.x, box.x + box.width]),
    y: verticalScale(options, domains, [box.y + box.height, box.y]),
  };
  let content = '';
  if (pulls) content += pullGuides(axes, box);
  else {
    for (const region of options.bands) content += bandArea(region, pair, axes);
    for (const { ell, values, colour, dashed } of curves) {
      const style = { stroke: colour, width: 1.7, ...(dashed ? { dash: '5 3' } : {}) };
      content += strokedPath(curvePoints(axes, ell, scaled(ell, values[pair])), style);
    }
  }
  if (measured) content += points(measured, pair, axes, options);
  const name = `${binLabels[i]} × ${binLabels[j]}`;
  return (
    panel({
      box,
      axes,
      content,
      xAxis: { showTickLabels: j === options.numBins - 1, inside: true, tickCount: 3 },
      yAxis: { showTickLabels: i === 0, inside: true, tickCount: 4 },
    }) + label(name, box.x + 8, box.y + 17, { weight: 600 })
  );
}

/** On a log axis a lower edge at or below zero lies far below the frame, where the panel cuts it. */
function bandArea(region: SpectraPanelsOptions['bands'][number], pair: number, axes: Axes): string {
  const { ell, low, high, colour } = region;
  const foot = axes.y.domain[0] / 1e3;
  const raised = (values: Numbers) => scaled(ell, values).map((value) => Math.max(value, foot));
  return band(axes, ell, raised(low[pair]), raised(high[pair]), colour, BAND_OPACITY);
}

function pullGuides({ y }: Axes, box: Box): string {
  const line = (value: number, dash?: string): string =>
    segment(box.x, y.position(value), box.x + box.width, y.position(value), {
      stroke: THEME.frame,
      width: 0.9,
      ...(dash ? { dash } : {}),
    });
  return line(0) + line(2, '4 3') + line(-2, '4 3');
}

function points(measured: MeasuredSpectra, pair: number, axes: Axes, options: SpectraPanelsOptions): string {
  const { ell, values, errors } = measured;
  const heights = options.pulls ? pullsOf(measured, pair, values[pair]) : scaled(ell, values[pair]);
  const spreads = options.pulls ? heights.map(() => 1) : scaled(ell, errors?.[pair] ?? heights.map(() => 0));
  let out = '';
  heights.forEach((height, k) => {
    const at = { x: axes.x.position(ell[k]), height, spread: spreads[k] };
    const isBelow = !options.pulls && height <= 0;
    out += isBelow ? upperLimit(axes.y, at, options.pointColour) : point(axes.y, at, options.pointColour);
  });
  return out;
}

interface PointAt {
  readonly x: number;
  readonly height: number;
  readonly spread: number;
}

function point(y: Scale, { x, height, spread }: PointAt, colour: string): string {
  // On a log axis an error bar may reach to zero and below: it then ends far below the frame, where the panel cuts it.
  const floor = y.range[0] + 100;
  const low = y.position(height - spread);
  const bar = segment(x, Number.isFinite(low) ? low : floor, x, y.position(height + spread), {
    stroke: colour,
    width: 1.1,
  });
  return (spread > 0 ? bar : '') + element('circle', { cx: x, cy: y.position(height), r: 2.2, fill: colour });
}

/** A short bar at the value plus two errors with an arrow down. */
function upperLimit(y: Scale, { x, height, spread }: PointAt, colour: string): string {
  const top = y.position(height + 2 * spread);
  if (!Number.isFinite(top)) return '';
  const d = `M${x - 3},${top}h6M${x},${top}v9m-2.6,-3.4l2.6,3.4l2.6,-3.4`;
  return element('path', { d, fill: 'none', stroke: colour, 'stroke-width': 1, 'stroke-opacity': 0.7 });
}
