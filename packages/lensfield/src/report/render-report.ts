import { checksOf } from './checks.ts';
import { html, trusted } from './html.ts';
import type { ReportData } from './report-data.ts';
import { withReservations } from './reservation.ts';
import { figuresOf, type ReportFigure, renderSection, type Section } from './section.ts';
import { calibrationSection } from './sections/calibration.ts';
import { comparisonSection } from './sections/comparison.ts';
import { convergenceSection } from './sections/convergence.ts';
import { costSection } from './sections/cost.ts';
import { mapsSection } from './sections/maps.ts';
import { meritSection } from './sections/merit.ts';
import { posteriorsSection } from './sections/posteriors.ts';
import { runSection } from './sections/run.ts';
import { spectraSection } from './sections/spectra.ts';
import { surveySection } from './sections/survey.ts';
import { tablesSection } from './sections/tables.ts';
import { trainingSection } from './sections/training.ts';
import { STYLE } from './style.ts';
import { renderVerdict } from './verdict.ts';

const SECTIONS: readonly ((data: ReportData) => Section | undefined)[] = [
  posteriorsSection,
  tablesSection,
  meritSection,
  comparisonSection,
  surveySection,
  mapsSection,
  spectraSection,
  calibrationSection,
  convergenceSection,
  trainingSection,
  costSection,
  runSection,
];

function sectionsOf(data: ReportData): Section[] {
  const marked = withReservations(data);
  return SECTIONS.flatMap((section) => section(marked) ?? []);
}

/**
 * The report as one HTML page that needs nothing else: pictures and style inside, no scripts, no network. It opens with the verdict, then shows
 * the posterior, then everything that it rests on.
 *
 * @throws {InvalidArgumentError} if shapes do not fit, numbers are not finite, or a comparison names a posterior that is not there.
 */
export function renderReport(data: ReportData): string {
  const sections = sectionsOf(data);
  const links = sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>`);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${data.title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header>
<h1>${data.title}</h1>
${data.summary === undefined ? undefined : html`<p class="summary">${data.summary}</p>`}
<nav>${links}</nav>
</header>
<main>
${renderVerdict(checksOf(data), data.notes ?? [])}
${sections.map(renderSection)}
</main>
<footer>Made by lensfield ${data.run.versions.lensfield ?? ''}. Colours after Okabe and Ito, safe for colour-blind readers.</footer>
</body>
</html>
`;
  return page.markup;
}

/** The pictures of the report in its order, to be kept as files. */
export function reportFigures(data: ReportData): ReportFigure[] {
  const seen = new Map<string, number>();
  return sectionsOf(data)
    .flatMap(figuresOf)
    .map((figure) => {
      // Two labels may differ in signs that a file name does not keep.
      const count = (seen.get(figure.name) ?? 0) + 1;
      seen.set(figure.name, count);
      return count === 1 ? figure : { ...figure, name: `${figure.name}-${count}` };
    });
}
