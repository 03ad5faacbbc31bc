import { type Html, html, table } from '../html.ts';
import { fixed, grouped, significant } from '../number-format.ts';
import { pageLabel } from '../parameter-labels.ts';
import type { ReportConvergence } from '../report-data.ts';

/** Where among the parameters trajectories diverged, if any did. */
export function divergenceBlocks({ divergenceLocations = [] }: ReportConvergence): Html[] {
  if (divergenceLocations.length === 0) return [];
  const number = (head: string) => ({ head, align: 'right' as const });
  const rows = divergenceLocations.map(({ name, offset, numVisits, zScore, pValue, end }) => [
    pageLabel(name),
    fixed(offset, 2),
    grouped(numVisits),
    fixed(zScore, 1),
    significant(pValue, 2),
    end === undefined ? '' : `${end} end`,
  ]);
  return [
    html`<p>${verdict(divergenceLocations)}</p>`,
    table(
      [
        { head: 'divergences in' },
        number('mean offset, sd'),
        number('visits'),
        number('z'),
        number('p, all parameters'),
        { head: 'gather at' },
      ],
      rows,
    ),
  ];
}

function verdict(locations: NonNullable<ReportConvergence['divergenceLocations']>): Html {
  const gathered = locations.filter(({ end }) => end !== undefined);
  if (gathered.length === 0) {
    return html`Divergent trajectories set out from where the draws are: they point to no parameter. Smaller steps (a higher acceptance) remove them.`;
  }
  const places = gathered.map(({ name, end }, i) => html`${i > 0 ? ', ' : ''}${pageLabel(name)} (${end})`);
  return html`Divergent trajectories gather at one end of ${places}: there the posterior is too curved for the step, draws are missing, and the
    result leans away from that end. Another parametrisation helps, or smaller steps.`;
}
