import { type Numbers, type Place, requireLength, requireNumbers, requireThat } from './arguments.ts';
import { binomialQuantile } from './binomial.ts';
import { label, plainLabel } from './label.ts';
import { panel, tickLabelWidth } from './panel.ts';
import type { Axes } from './path.ts';
import { linearScale } from './scale.ts';
import { type Box, element, segment, svgDocument } from './svg.ts';
import { OKABE_ITO, THEME } from './theme.ts';

export interface RankPlotOptions {
  /** Ranks of the true value among the posterior draws, 0 ... numDraws, one array per label. */
  readonly ranks: readonly Numbers[];
  readonly labels: readonly string[];
  /** Posterior draws per test. */
  readonly numDraws: number;
  /** Histogram bins; by default a divisor of numDraws + 1 near the number that keeps 15 tests in each. */
  readonly numBins?: number;
  /** Probability with which one bin of an exact posterior lies in the band, 0.99 by default. */
  readonly confidence?: number;
  /** Panels in a row, 3 by default. */
  readonly columns?: number;
}

const plot = 'rankPlot';
const [W, H, GAP_X, TOP, PITCH, BOTTOM] = [200, 120, 14, 30, 158, 48];

/**
 * Histograms of simulation-based-calibration ranks, one panel per parameter, relative to the expected count, with the band in
 * which an exact posterior keeps each bin. A hump means a posterior that is too wide, a valley too narrow, a slope biased.
 *
 * @throws {InvalidArgumentError} if arrays and labels differ in number, an array is empty, or a rank is not an integer in 0 ... numDraws.
 *
 * Source: Talts et al. (2018), arXiv:1804.06788, section 4; the band holds the exact binomial quantiles.
 */
export function rankPlot(options: RankPlotOptions): string {
  const { ranks, labels, numDraws, confidence = 0.99 } = options;
  check(options, confidence);
  const numBins = options.numBins ?? defaultBins(ranks[0].length, numDraws);
  const bins = labels.map((_, i) => rankBins(ranks[i], numDraws, numBins, confidence));
  const highest = Math.max(...bins.flat().map((bin) => Math.max(bin.height, bin.high)));
  const perRow = Math.min(labels.length, options.columns ?? 3);
  const rows = Math.ceil(labels.length / perRow);
  const y = linearScale([0, highest * 1.1], [H, 0]);
  const left = tickLabelWidth(y, 3) + THEME.labelSize + 26;
  const content = labels.map((name, i) => {
    const [column, row] = [i % perRow, Math.floor(i / perRow)];
    const box = { x: left + column * (W + GAP_X), y: TOP + row * PITCH, width: W, height: H };
    return rankPanel(bins[i], name, {
      box,
      top: highest * 1.1,
      showX: i + perRow >= labels.length,
      showY: column === 0,
    });
  });
  const bottom = TOP + (rows - 1) * PITCH + H;
  const axis = { anchor: 'middle', size: THEME.labelSize } as const;
  const width = left + perRow * (W + GAP_X);
  const axisLabels =
    label('rank of the truth / draws', left + (perRow * (W + GAP_X) - GAP_X) / 2, bottom + 40, axis) +
    label('count / expected', 14, TOP + (bottom - TOP) / 2, { ...axis, rotate: -90 });
  const what = `Ranks of ${labels.map(plainLabel).join(', ')} in ${ranks[0].length} tests`;
  return svgDocument(width, bottom + BOTTOM, what, content.join('') + axisLabels);
}

function check({ ranks, labels, numDraws, numBins }: RankPlotOptions, confidence: number): void {
  const at = (argument: string): Place => ({ plot, argument });
  requireThat(labels.length > 0, at('labels'), 'name at least one parameter', 'none');
  requireLength(ranks, labels.length, at('ranks'), 'One array per label.');
  requireThat(
    Number.isInteger(numDraws) && numDraws >= 1,
    at('numDraws'),
    'be an integer of at least 1',
    numDraws,
  );
  requireThat(confidence > 0 && confidence < 1, at('confidence'), 'lie between 0 and 1', confidence);
  if (numBins !== undefined) {
    const fits = Number.isInteger(numBins) && numBins >= 2 && numBins <= numDraws + 1;
    requireThat(fits, at('numBins'), 'be an integer from 2 to numDraws + 1', numBins);
  }
  ranks.forEach((row, i) => {
    requireNumbers(row, at(`ranks[${i}]`));
    for (let k = 0; k < row.length; k++) {
      const fits = Number.isInteger(row[k]) && row[k] >= 0 && row[k] <= numDraws;
      requireThat(fits, at(`ranks[${i}]`), `hold integers from 0 to ${numDraws}`, `${row[k]} at index ${k}`);
    }
  });
}

function defaultBins(numTests: number, numDraws: number): number {
  const wanted = Math.max(2, Math.min(20, numDraws + 1, Math.round(numTests / 15)));
  // A divisor gives bins of equal width; within a factor two of the wanted number one is worth having.
  const divisors = Array.from({ length: wanted - 1 }, (_, k) => wanted - k).filter(
    (b) => (numDraws + 1) % b === 0,
  );
  return divisors.length > 0 && divisors[0] * 2 >= wanted ? divisors[0] : wanted;
}

interface RankBin {
  /** Ends as a fraction of the ranks. */
  readonly from: number;
  readonly to: number;
  /** Count over expected count, and the band of the same. */
  readonly height: number;
  readonly low: number;
  readonly high: number;
}

function rankBins(ranks: Numbers, numDraws: number, numBins: number, confidence: number): RankBin[] {
  const numRanks = numDraws + 1;
  const edges = Array.from({ length: numBins + 1 }, (_, k) => Math.floor((k * numRanks) / numBins));
  const perRank = new Float64Array(numRanks);
  for (let k = 0; k < ranks.length; k++) perRank[ranks[k]]++;
  return Array.from({ length: numBins }, (_, b) => {
    const [from, to] = [edges[b], edges[b + 1]];
    const share = (to - from) / numRanks;
    const expected = ranks.length * share;
    const count = perRank.subarray(from, to).reduce((sum, value) => sum + value, 0);
    const tail = (1 - confidence) / 2;
    return {
      from: from / numRanks,
      to: to / numRanks,
      height: count / expected,
      low: binomialQuantile(tail, ranks.length, share) / expected,
      high: binomialQuantile(1 - tail, ranks.length, share) / expected,
    };
  });
}

interface RankPanelStyle {
  readonly box: Box;
  readonly top: number;
  readonly showX: boolean;
  readonly showY: boolean;
}

function rankPanel(
  bins: readonly RankBin[],
  name: string,
  { box, top, showX, showY }: RankPanelStyle,
): string {
  const x = linearScale([0, 1], [box.x, box.x + box.width]);
  const y = linearScale([0, top], [box.y + box.height, box.y]);
  const axes: Axes = { x, y };
  let content = '';
  for (const bin of bins) {
    content += bar(axes, bin, bin.low, bin.high, {
      fill: THEME.frame,
      'fill-opacity': 0.28,
      'shape-rendering': 'crispEdges',
    });
    const isOut = bin.height < bin.low || bin.height > bin.high;
    const fill = isOut ? OKABE_ITO[1] : OKABE_ITO[0];
    content += bar(axes, bin, 0, bin.height, { fill, 'fill-opacity': 0.4, stroke: fill, 'stroke-width': 1 });
  }
  content += segment(box.x, y.position(1), box.x + box.width, y.position(1), {
    stroke: THEME.muted,
    dash: '5 3',
  });
  const title = label(name, box.x, box.y - 8, { size: 16 });
  const framed = panel({
    box,
    axes,
    content,
    xAxis: { tickCount: 4, showTickLabels: showX, inside: true },
    yAxis: { tickCount: 3, showTickLabels: showY, inside: true },
  });
  return framed + title;
}

function bar(
  { x, y }: Axes,
  { from, to }: RankBin,
  low: number,
  high: number,
  style: Readonly<Record<string, string | number>>,
): string {
  const [left, top] = [x.position(from), y.position(high)];
  return element('rect', {
    x: left,
    y: top,
    width: x.position(to) - left,
    height: y.position(low) - top,
    ...style,
  });
}
