import { figureOfMerit } from '@lensfield/diagnostics';
import { type Html, html, table } from '../html.ts';
import { fixed, grouped } from '../number-format.ts';
import { pageLabel } from '../parameter-labels.ts';
import type { ReportData } from '../report-data.ts';
import type { Section } from '../section.ts';

/** The planes that the benchmark papers quote. */
const PLANES = [
  ['omega_c', 'sigma_8'],
  ['omega_c', 'w_0'],
  ['sigma_8', 'w_0'],
] as const;

/** What the field says beyond its power spectra, where both were asked. */
export function meritSection({ parameters, posteriors = [] }: ReportData): Section | undefined {
  const baseline = posteriors.find(({ method }) => method === 'spectra');
  const names = parameters.map(({ name }) => name);
  const planes = PLANES.map(([a, b]) => [names.indexOf(a), names.indexOf(b)] as const).filter(
    ([i, j]) => i >= 0 && j >= 0,
  );
  if (baseline === undefined || posteriors.length < 2 || planes.length === 0) return undefined;
  const rows = planes.map(([i, j]) => {
    const unit = figureOfMerit(baseline.samples, i, j);
    const cells = posteriors.map(({ samples, method }): Html | string => {
      const merit = figureOfMerit(samples, i, j);
      return method === 'spectra' ? grouped(merit) : html`${grouped(merit)} (× ${fixed(merit / unit, 2)})`;
    });
    return [html`${pageLabel(names[i]!)}, ${pageLabel(names[j]!)}`, ...cells];
  });
  return {
    id: 'merit',
    title: 'Figures of merit',
    blocks: [
      table(
        [{ head: 'plane' }, ...posteriors.map(({ label }) => ({ head: label, align: 'right' as const }))],
        rows,
      ),
      html`<p class="aside">The inverse area of the ellipse of two parameters, so that larger is sharper; in brackets how many times that of the power
        spectra. What is above one comes from the shapes in the map, which spectra do not see.</p>`,
    ],
  };
}
