import { literalLabel, lossPlot } from '@lensfield/plots';
import { type Html, html, table } from '../html.ts';
import type { ReportCurves, ReportData, ReportTable } from '../report-data.ts';
import type { ReportFigure, Section } from '../section.ts';

/** Tables and curves that a reproduction puts beside those of a paper. */
export function tablesSection({ tables = [], curves = [] }: ReportData): Section | undefined {
  if (tables.length + curves.length === 0) return undefined;
  return {
    id: 'tables',
    title: 'Against the paper',
    blocks: [...tables.map(tableBlock), ...curves.map(curveFigure)],
  };
}

function tableBlock({ title, columns, rows, note }: ReportTable): Html {
  const isNumber = columns.map((_, c) => rows.every((row) => row[c] === '' || !Number.isNaN(Number(row[c]))));
  return html`<h3>${title}</h3>
    ${table(
      columns.map((head, c) => ({ head, align: isNumber[c] ? ('right' as const) : ('left' as const) })),
      rows,
    )}
    <p class="aside">${note}</p>`;
}

function curveFigure({ name, xLabel, yLabel, series, note }: ReportCurves): ReportFigure {
  return {
    name,
    svg: lossPlot({
      series: series.map(({ label, x, y }) => ({ label: literalLabel(label), values: y, steps: x })),
      xLabel,
      yLabel,
    }),
    caption: html`${note}`,
  };
}
