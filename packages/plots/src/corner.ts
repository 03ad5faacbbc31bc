import type { FloatArray, NdArray } from '@lensfield/contracts';
import { type Place, requireInterval, requireLength, requireTable, requireThat } from './arguments.ts';
import { cornerPanels } from './corner-panels.ts';
import { type Spread, spreadOf } from './density-1d.ts';
import { plainLabel } from './label.ts';
import { paddedDomain } from './scale.ts';
import { svgDocument } from './svg.ts';
import { seriesColour } from './theme.ts';

export interface CornerPosterior {
  readonly label: string;
  /** Draws, shape [n, labels.length]. */
  readonly samples: NdArray<FloatArray>;
  readonly colour?: string;
  /** Contours as regions (default) or as lines only. */
  readonly filled?: boolean;
  /** Independent draws that correlated samples are worth; sets the smoothing. Their number by default. */
  readonly effectiveSize?: number;
}

export interface CornerPlotOptions {
  /** Drawn in order, the first at the back. */
  readonly posteriors: readonly CornerPosterior[];
  /** One per column of the samples; `_8` lowers, `^2` raises, `*h*` is italic. */
  readonly labels: readonly string[];
  /** The true parameters, where known: a dashed line. */
  readonly truth?: ArrayLike<number>;
  readonly truthLabel?: string;
  /** Prior support per parameter; infinite where it has no end. Densities end there, and a bound in view is drawn. */
  readonly bounds?: readonly (readonly [number, number])[];
  /** Shares of the draws inside the contours, [0.68, 0.95] by default. */
  readonly masses?: readonly number[];
  /** Side of a panel in px, 128 by default. */
  readonly panelSize?: number;
}

/** What the panels draw from: columns as float64, with their spreads and common axes. */
export interface CornerData {
  readonly labels: readonly string[];
  readonly posteriors: readonly CornerColumns[];
  readonly domains: readonly (readonly [number, number])[];
  readonly truth: readonly number[] | undefined;
  readonly truthLabel: string;
  readonly bounds: readonly (readonly [number, number])[];
  readonly masses: readonly number[];
  readonly panelSize: number;
}

export interface CornerColumns {
  readonly label: string;
  readonly colour: string;
  readonly filled: boolean;
  readonly columns: readonly Float64Array[];
  readonly effectiveSize: number;
}

const plot = 'cornerPlot';

/**
 * Marginals of one or several posteriors: densities on the diagonal, regions that hold 68 % and 95 % of the draws below it.
 *
 * @returns An SVG document.
 * @throws {InvalidArgumentError} if there is no posterior, a table has another number of columns than there are labels, or a number
 *   is not finite.
 *
 * Accuracy: the regions hold their share of the draws to 1 %, and on a Gaussian their area is within 3 % of the analytic one
 * (test/contour.test.ts). Cost: one pass over the draws per panel, 160 000 draws of six parameters in about a second.
 */
export function cornerPlot(options: CornerPlotOptions): string {
  const data = cornerData(options);
  const { width, height, content } = cornerPanels(data);
  const names = data.labels.map(plainLabel).join(', ');
  const who = data.posteriors.map((posterior) => plainLabel(posterior.label)).join(' and ');
  return svgDocument(width, height, `Corner plot of ${names}: ${who}`, content);
}

function cornerData(options: CornerPlotOptions): CornerData {
  const { labels, posteriors, truth, bounds, masses = [0.68, 0.95], panelSize = 128 } = options;
  check(options, masses, panelSize);
  const columns = posteriors.map((posterior) => columnsOf(posterior.samples));
  const spreads = columns.map((table) => table.map(spreadOf));
  return {
    labels,
    posteriors: posteriors.map((posterior, p) => ({
      label: posterior.label,
      colour: posterior.colour ?? seriesColour(p),
      filled: posterior.filled ?? true,
      columns: columns[p],
      effectiveSize: posterior.effectiveSize ?? posterior.samples.shape[0],
    })),
    domains: labels.map((_, i) =>
      commonDomain(
        spreads.map((spread) => spread[i]),
        truth?.[i],
        bounds?.[i],
      ),
    ),
    truth: truth && Array.from(truth),
    truthLabel: options.truthLabel ?? 'truth',
    bounds: bounds ?? labels.map(() => [-Infinity, Infinity] as const),
    masses,
    panelSize,
  };
}

function check(
  { labels, posteriors, truth, bounds }: CornerPlotOptions,
  masses: readonly number[],
  size: number,
): void {
  const at = (argument: string): Place => ({ plot, argument });
  requireThat(labels.length > 0, at('labels'), 'name at least one parameter', 'none');
  requireThat(posteriors.length > 0, at('posteriors'), 'hold at least one posterior', 'none');
  posteriors.forEach((posterior, p) => {
    requireTable(posterior.samples, labels.length, at(`posteriors[${p}].samples`));
    const { effectiveSize = 1 } = posterior;
    requireThat(effectiveSize > 0, at(`posteriors[${p}].effectiveSize`), 'be positive', effectiveSize);
  });
  if (truth) {
    requireLength(truth, labels.length, at('truth'));
    // A parameter whose truth is not known is NaN here, and has no line.
  }
  if (bounds) {
    requireLength(bounds, labels.length, at('bounds'));
    for (let i = 0; i < bounds.length; i++) requireInterval(bounds[i], at(`bounds[${i}]`));
  }
  for (const mass of masses) requireThat(mass > 0 && mass < 1, at('masses'), 'lie between 0 and 1', mass);
  requireThat(size >= 40, at('panelSize'), 'be at least 40 px', size);
}

function columnsOf({ shape, data }: NdArray<FloatArray>): Float64Array[] {
  const [n, d] = shape;
  return Array.from({ length: d }, (_, i) =>
    Float64Array.from({ length: n }, (__, row) => data[row * d + i]),
  );
}

/** From the 0.1 % to the 99.9 % quantile of every posterior and the truth, with a margin, and not beyond the bounds' margin. */
function commonDomain(
  spreads: readonly Spread[],
  truth: number | undefined,
  bounds: readonly [number, number] | undefined,
): [number, number] {
  const marks = spreads.flatMap(({ quantiles }) => [quantiles[0], quantiles[3]]);
  if (truth !== undefined && Number.isFinite(truth)) marks.push(truth);
  const [low, high] = paddedDomain(Math.min(...marks), Math.max(...marks), 0.06);
  if (bounds === undefined) return [low, high];
  const margin = 0.03 * (high - low);
  return [Math.max(low, bounds[0] - margin), Math.min(high, bounds[1] + margin)];
}
