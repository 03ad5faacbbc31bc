import type { FloatArray, NdArray } from '@lensfield/contracts';
import { type Place, requireFinite, requireLength, requireThat } from './arguments.ts';
import { type Curve, kernelDensity } from './density-1d.ts';
import { label, plainLabel } from './label.ts';
import { panel, tickLabelWidth } from './panel.ts';
import { type Axes, curvePoints, strokedPath, thinnedSeries } from './path.ts';
import { linearScale, paddedDomain } from './scale.ts';
import { type Box, segment, svgDocument } from './svg.ts';
import { seriesColour, THEME } from './theme.ts';

export interface TracePlotOptions {
  /** Draws of each chain, shape [chains, draws, labels.length]. */
  readonly samples: NdArray<FloatArray>;
  readonly labels: readonly string[];
  /** The true parameters, where known: a dashed line. */
  readonly truth?: ArrayLike<number>;
  readonly width?: number;
  readonly rowHeight?: number;
}

const plot = 'tracePlot';
const GAP = 10;
const TOP = 12;
const BOTTOM = 46;

interface Layout {
  readonly left: number;
  readonly traceWidth: number;
  readonly sideWidth: number;
  readonly rowHeight: number;
}

/**
 * Every chain against its draw, one row per parameter, with the density of each chain at the right. Chains that have
 * converged look alike and have no trend.
 *
 * @throws {InvalidArgumentError} if the shape is not [chains, draws >= 2, labels.length] or a number is not finite.
 */
export function tracePlot(options: TracePlotOptions): string {
  const { samples, labels, truth, width = 760, rowHeight = 86 } = options;
  check(options);
  const [numChains, numDraws, d] = samples.shape;
  const series = labels.map((_, i) =>
    Array.from({ length: numChains }, (__, c) =>
      Float64Array.from({ length: numDraws }, (___, t) => samples.data[(c * numDraws + t) * d + i]),
    ),
  );
  const domains = series.map((chains, i) => domainOf(chains, truth?.[i]));
  const ticks = domains.map((domain) => tickLabelWidth(linearScale(domain, [rowHeight, 0]), 3));
  const left = Math.max(...ticks) + THEME.labelSize + 28;
  const layout = { left, sideWidth: 90, traceWidth: width - left - 90 - GAP - 12, rowHeight };
  const rows = series.map((chains, i) =>
    traceRow(
      chains,
      { domain: domains[i], label: labels[i], truth: truth?.[i], isLast: i === d - 1, row: i },
      layout,
    ),
  );
  const bottom = TOP + d * (rowHeight + GAP) - GAP;
  const xLabel = label('draw', left + layout.traceWidth / 2, bottom + 38, {
    anchor: 'middle',
    size: THEME.labelSize,
  });
  const what = `Traces of ${labels.map(plainLabel).join(', ')}, ${numChains} chains of ${numDraws} draws`;
  return svgDocument(width, bottom + BOTTOM, what, rows.join('') + xLabel);
}

function check({ samples, labels, truth, width, rowHeight }: TracePlotOptions): void {
  const at = (argument: string): Place => ({ plot, argument });
  const { shape } = samples;
  const shown = `[${shape.join(', ')}]`;
  const fits = shape.length === 3 && shape[0] >= 1 && shape[1] >= 2 && shape[2] === labels.length;
  requireThat(labels.length > 0, at('labels'), 'name at least one parameter', 'none');
  requireThat(fits, at('samples'), `have shape [chains, draws >= 2, ${labels.length}]`, shown);
  requireLength(samples.data, shape[0] * shape[1] * shape[2], at('samples.data'));
  requireFinite(samples.data, at('samples'));
  if (truth) requireLength(truth, labels.length, at('truth'));
  requireThat((width ?? 300) >= 300, at('width'), 'be at least 300 px', width);
  requireThat((rowHeight ?? 40) >= 40, at('rowHeight'), 'be at least 40 px', rowHeight);
}

function domainOf(chains: readonly Float64Array[], truth: number | undefined): [number, number] {
  const known = truth !== undefined && Number.isFinite(truth);
  let [low, high] = known ? [truth, truth] : [Infinity, -Infinity];
  for (const chain of chains) {
    for (const value of chain) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return paddedDomain(low, high);
}

interface Row {
  readonly domain: readonly [number, number];
  readonly label: string;
  readonly truth: number | undefined;
  readonly isLast: boolean;
  readonly row: number;
}

function traceRow(chains: readonly Float64Array[], row: Row, layout: Layout): string {
  const top = TOP + row.row * (layout.rowHeight + GAP);
  const box = { x: layout.left, y: top, width: layout.traceWidth, height: layout.rowHeight };
  const y = linearScale(row.domain, [top + layout.rowHeight, top]);
  const axes = { x: linearScale([0, chains[0].length - 1], [box.x, box.x + box.width]), y };
  let lines = '';
  chains.forEach((chain, c) => {
    const thinned = thinnedSeries(chain, layout.traceWidth);
    const points = curvePoints(axes, thinned.indices, thinned.values);
    lines += strokedPath(points, { stroke: seriesColour(c), width: 0.9, opacity: 0.75 });
  });
  return (
    panel({
      box,
      axes,
      content: lines + truthLine(axes, row.truth, box),
      xAxis: { showTickLabels: row.isLast },
      yAxis: { tickCount: 3, inside: true },
    }) +
    densities(chains, row, y, { ...box, x: box.x + box.width + GAP, width: layout.sideWidth }) +
    label(row.label, 16, top + layout.rowHeight / 2 + 5, { anchor: 'middle', size: 16 })
  );
}

function truthLine({ y }: Pick<Axes, 'y'>, truth: number | undefined, box: Box): string {
  if (truth === undefined || !Number.isFinite(truth)) return '';
  const at = y.position(truth);
  return segment(box.x, at, box.x + box.width, at, { stroke: THEME.ink, width: 1.1, dash: '5 3' });
}

/** The density of each chain, lying on its side. */
function densities(chains: readonly Float64Array[], row: Row, y: Axes['y'], box: Box): string {
  const curves: Curve[] = chains.map((chain) => kernelDensity(chain, { domain: row.domain, points: 128 }));
  const peak = Math.max(...curves.map((curve) => curve.y.reduce((a, b) => Math.max(a, b), 0)));
  const axes = { x: linearScale([0, peak * 1.08 || 1], [box.x, box.x + box.width]), y };
  const content = curves
    .map((curve, c) =>
      strokedPath(curvePoints(axes, curve.y, curve.x), { stroke: seriesColour(c), width: 1.4 }),
    )
    .join('');
  return panel({ box, axes, content: content + truthLine(axes, row.truth, box) });
}
