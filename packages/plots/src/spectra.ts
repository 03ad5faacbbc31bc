import { type Numbers, type Place, requireLength, requireNumbers, requireThat } from './arguments.ts';
import { plainLabel } from './label.ts';
import { spectraPanels } from './spectra-panels.ts';
import { svgDocument } from './svg.ts';
import { seriesColour, THEME } from './theme.ts';

/** Band powers of every pair of bins, order (0,0), (0,1), ..., (1,1), ... */
export interface MeasuredSpectra {
  readonly label: string;
  /** Centres of the bands. */
  readonly ell: Numbers;
  /** One array per pair, each as long as `ell`. */
  readonly values: readonly Numbers[];
  /** One standard deviation. */
  readonly errors?: readonly Numbers[];
  /** Theory averaged in the same bands; needed for the pulls. */
  readonly expected?: readonly Numbers[];
}

export interface SpectraCurve {
  readonly label: string;
  readonly ell: Numbers;
  /** One array per pair, each as long as `ell`. */
  readonly values: readonly Numbers[];
  readonly colour?: string;
  readonly dashed?: boolean;
}

/** A region between two spectra, as the central share of many. */
export interface SpectraBand {
  readonly label: string;
  readonly ell: Numbers;
  /** One array per pair, each as long as `ell`. */
  readonly low: readonly Numbers[];
  readonly high: readonly Numbers[];
  readonly colour?: string;
}

export interface SpectraPlotOptions {
  readonly measured?: MeasuredSpectra;
  readonly curves?: readonly SpectraCurve[];
  /** Behind everything else, the first at the back; a lower edge at or below zero is drawn at the foot of the panel. */
  readonly bands?: readonly SpectraBand[];
  /**
   * `spectra` (default) draws ell (ell + 1) C / 2 pi on logarithmic axes; a point at or below zero becomes an arrow down from its
   * value plus two errors. `pulls` draws (measured - expected) / error.
   */
  readonly quantity?: 'spectra' | 'pulls';
  /** Names of the bins, `1`, `2`, ... by default. */
  readonly binLabels?: readonly string[];
  readonly panelWidth?: number;
  readonly panelHeight?: number;
}

const plot = 'spectraPlot';

/**
 * Auto and cross spectra of tomographic bins in a triangle of panels: points with error bars against lines of theory.
 *
 * @throws {InvalidArgumentError} if the number of pairs is not n (n + 1) / 2 or not the same everywhere, lengths differ, an ell is not
 *   positive, a number is not finite, or pulls are asked for without errors and expected values.
 */
export function spectraPlot(options: SpectraPlotOptions): string {
  const { measured, curves = [], bands = [], quantity = 'spectra' } = options;
  const numBins = check(options);
  const { width, height, content } = spectraPanels({
    numBins,
    ...(measured ? { measured } : {}),
    curves: curves.map((curve, i) => ({ ...curve, colour: curve.colour ?? seriesColour(i + 1) })),
    bands: bands.map((band) => ({ ...band, colour: band.colour ?? seriesColour(0) })),
    pointColour: THEME.ink,
    pulls: quantity === 'pulls',
    binLabels: options.binLabels ?? Array.from({ length: numBins }, (_, i) => String(i + 1)),
    panelWidth: options.panelWidth ?? 150,
    panelHeight: options.panelHeight ?? 112,
  });
  const what = [measured, ...curves, ...bands]
    .flatMap((entry) => (entry ? [plainLabel(entry.label)] : []))
    .join(', ');
  return svgDocument(width, height, `Angular power spectra of ${numBins} bins: ${what}`, content);
}

function check({ measured, curves = [], bands = [], quantity, binLabels }: SpectraPlotOptions): number {
  const at = (argument: string): Place => ({ plot, argument });
  const tables = [...(measured ? [measured] : []), ...curves];
  requireThat(tables.length > 0, at('measured'), 'be given unless there are curves', 'neither');
  const numPairs = tables[0].values.length;
  const numBins = Math.round((Math.sqrt(8 * numPairs + 1) - 1) / 2);
  const first = measured ? 'measured.values' : 'curves[0].values';
  const triangular = numBins >= 1 && (numBins * (numBins + 1)) / 2 === numPairs;
  requireThat(triangular, at(first), 'hold n (n + 1) / 2 spectra', numPairs);
  if (measured) {
    checkTable(measured.ell, measured.values, numPairs, 'measured', 'values');
    if (measured.errors) checkTable(measured.ell, measured.errors, numPairs, 'measured', 'errors');
    if (measured.expected) checkTable(measured.ell, measured.expected, numPairs, 'measured', 'expected');
  }
  curves.forEach((curve, i) => {
    checkTable(curve.ell, curve.values, numPairs, `curves[${i}]`, 'values');
  });
  bands.forEach((band, i) => {
    checkTable(band.ell, band.low, numPairs, `bands[${i}]`, 'low');
    checkTable(band.ell, band.high, numPairs, `bands[${i}]`, 'high');
  });
  if (quantity === 'pulls') {
    requireThat(measured?.errors !== undefined, at('measured.errors'), 'be given for pulls', 'none');
    requireThat(measured?.expected !== undefined, at('measured.expected'), 'be given for pulls', 'none');
  }
  if (binLabels) requireLength(binLabels, numBins, at('binLabels'));
  return numBins;
}

function checkTable(
  ell: Numbers,
  rows: readonly Numbers[],
  numPairs: number,
  owner: string,
  field: string,
): void {
  const at = (argument: string): Place => ({ plot, argument: `${owner}.${argument}` });
  requireNumbers(ell, at('ell'));
  for (let k = 0; k < ell.length; k++)
    requireThat(ell[k] > 0, at('ell'), 'be positive', `${ell[k]} at index ${k}`);
  requireLength(rows, numPairs, at(field), 'One array per pair of bins.');
  rows.forEach((row, i) => {
    requireNumbers(row, at(`${field}[${i}]`));
    requireLength(row, ell.length, at(`${field}[${i}]`));
  });
}
