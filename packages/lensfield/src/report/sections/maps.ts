import type { FloatArray, NdArray } from '@lensfield/contracts';
import { histogramPlot, mapPlot } from '@lensfield/plots';
import { type Html, html } from '../html.ts';
import type { ReportData, ReportObservation } from '../report-data.ts';
import type { ReportFigure, Section } from '../section.ts';

export function mapsSection({ observation, onePoint }: ReportData): Section | undefined {
  const blocks: (Html | ReportFigure)[] = observation ? mapFigures(observation) : [];
  if (onePoint) {
    blocks.push({
      name: 'one-point',
      svg: histogramPlot({
        ...onePoint,
        xLabel: 'convergence *κ*',
        yLabel: 'density',
        logY: true,
        width: 700,
      }),
      caption: html`How often each value of the convergence occurs. Noise alone gives a parabola on this axis; the longer tail to the
        right is made by clusters of galaxies, and power spectra do not see it.`,
    });
  }
  return blocks.length === 0 ? undefined : { id: 'maps', title: 'Maps', blocks };
}

function mapFigures(observation: ReportObservation): ReportFigure[] {
  const { fieldSizeDeg, maps, convergence, reconstruction, source } = observation;
  const draw = (one: NdArray<FloatArray>, valueLabel = 'convergence *κ*'): string =>
    mapPlot({ maps: one, fieldSizeDeg, valueLabel, panelSize: 158 });
  const figures: ReportFigure[] = [
    {
      name: 'maps',
      svg: draw(maps),
      caption: html`The observed convergence ${source === undefined ? '' : html`(${source})`}, which is the projected matter in front of the galaxies
        of each bin, with the noise of their shapes. In near bins the noise hides the signal; in far bins structures show, and the same
        ones return from bin to bin.`,
    },
  ];
  if (convergence) {
    figures.push({
      name: 'convergence',
      svg: draw(convergence),
      caption: html`The same field without noise, known because this map was simulated. The colours span a smaller range than above.`,
    });
  }
  if (reconstruction) {
    figures.push({
      name: 'reconstruction',
      svg: draw(reconstruction.mean),
      caption: html`The convergence as explicit inference reconstructs it: the mean over all posterior draws of the field. It is smoother than the
        truth, because structure below the noise averages out.`,
    });
    if (reconstruction.sd) {
      figures.push({
        name: 'reconstruction-sd',
        svg: draw(reconstruction.sd, 'standard deviation'),
        caption: html`The uncertainty of the reconstruction: large where the field is high, as a log-normal field varies most there.`,
      });
    }
  }
  return figures;
}
