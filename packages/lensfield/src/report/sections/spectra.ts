import { spectraPlot } from '@lensfield/plots';
import { html } from '../html.ts';
import type { ReportData } from '../report-data.ts';
import type { ReportFigure, Section } from '../section.ts';

const POSTERIOR_BANDS =
  'Shaded: spectra of maps drawn from the posterior, each a whole map with the structure that the noise hides. They should lie about the theory, also where the points no longer tell.';

export function spectraSection({ spectra }: ReportData): Section | undefined {
  if (spectra === undefined) return undefined;
  const { measured, curves, bands = [] } = spectra;
  const size = { panelWidth: 142, panelHeight: 100 };
  const blocks: ReportFigure[] = [
    {
      name: 'spectra',
      svg: spectraPlot({ measured, curves, bands, ...size }),
      caption: html`Angular power spectra of every pair of bins, measured on the map (points) and predicted (lines). On the diagonal
        a bin is paired with itself and noise adds to the signal; off the diagonal noise cancels. Arrows mark points at or below zero.
        ${bands.length === 0 ? '' : POSTERIOR_BANDS}`,
    },
  ];
  if (measured.errors && measured.expected) {
    blocks.push({
      name: 'spectra-pulls',
      svg: spectraPlot({ measured, quantity: 'pulls', ...size }),
      caption: html`The difference between measurement and prediction in units of its standard error. Most points should lie between the dashed
        lines, on both sides of zero and without a trend.`,
    });
  }
  return { id: 'spectra', title: 'Spectra', blocks };
}
