import { figureOfMerit, summarizeSamples } from '@lensfield/diagnostics';
import { posteriorNamed } from '../checks.ts';
import { type Html, html, table } from '../html.ts';
import { fixed, grouped } from '../number-format.ts';
import { pageLabel } from '../parameter-labels.ts';
import type { ReportComparison, ReportData } from '../report-data.ts';
import type { Section } from '../section.ts';

export function comparisonSection(data: ReportData): Section | undefined {
  const { comparisons = [] } = data;
  if (comparisons.length === 0) return undefined;
  return {
    id: 'comparison',
    title: 'Comparison',
    blocks: comparisons.map((comparison) => compare(data, comparison)),
  };
}

function compare(data: ReportData, comparison: ReportComparison): Html {
  const names = data.parameters.map((parameter) => parameter.name);
  const [a, b] = [comparison.a, comparison.b].map((label) =>
    summarizeSamples(posteriorNamed(data, label).samples, { names, probabilities: [] }),
  );
  const rows = names.map((name, i) => [
    pageLabel(name),
    fixed((b[i].mean - a[i].mean) / a[i].sd, 2),
    fixed(b[i].sd / a[i].sd, 2),
  ]);
  return html`<h3>${comparison.b} against ${comparison.a}</h3>
    ${table(
      [
        { head: 'parameter' },
        { head: html`difference of means / sd of ${comparison.a}`, align: 'right' },
        { head: 'ratio of sd', align: 'right' },
      ],
      rows,
    )}
    ${c2stLine(comparison)} ${meritLine(data, comparison)}`;
}

function c2stLine({ c2st }: ReportComparison): Html {
  if (c2st === undefined) return html``;
  const spread = c2st.standardError === undefined ? '' : ` ± ${fixed(c2st.standardError, 3)}`;
  return html`<p>A classifier that is asked which of the two a draw came from is right in a share
    <b>${fixed(c2st.accuracy, 3)}${spread}</b> of cases (C2ST): 0.5 if the posteriors are the same, 1 if they do not overlap.</p>`;
}

function meritLine(data: ReportData, comparison: ReportComparison): Html {
  const names = data.parameters.map((parameter) => parameter.name);
  const [first, second] = comparison.meritParameters ?? ['omega_c', 'sigma_8'];
  const [i, j] = [names.indexOf(first), names.indexOf(second)];
  if (i < 0 || j < 0) return html``;
  const merit = (label: string): string => grouped(figureOfMerit(posteriorNamed(data, label).samples, i, j));
  return html`<p>Figure of merit in (${pageLabel(first)}, ${pageLabel(second)}), the inverse area of the ellipse, so that larger is
    sharper: <b>${merit(comparison.a)}</b> for ${comparison.a}, <b>${merit(comparison.b)}</b> for ${comparison.b}.</p>`;
}
