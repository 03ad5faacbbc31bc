import type { ReportTable } from '../report/report-data.ts';

/** Comma-separated values with a row of heads; texts with commas or quotes are quoted (RFC 4180). */
export function tableAsCsv({ columns, rows }: ReportTable): string {
  return [columns, ...rows].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}

function quoted(cell: string | number): string {
  const text = String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Aligned columns for a terminal. */
export function tableAsText({ title, columns, rows }: ReportTable): string {
  const cells = [columns, ...rows].map((row) => row.map(String));
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => row[c]!.length)));
  const lines = cells.map((row) => row.map((cell, c) => cell.padStart(widths[c]!)).join('  '));
  return `${[title, ...lines].join('\n')}\n`;
}
