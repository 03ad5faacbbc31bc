import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '@lensfield/io';
import { toPng } from '@lensfield/plots/png';
import { reportFigures } from './render-report.ts';
import type { ReportData } from './report-data.ts';

/** Writes every picture of the report as SVG and PNG into `folder`, which is created; returns the paths. */
export async function writeReportFigures(folder: string, data: ReportData): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const { name, svg } of reportFigures(data)) {
    const [vector, pixels] = [join(folder, `${name}.svg`), join(folder, `${name}.png`)];
    await writeFileAtomically(vector, svg);
    await writeFileAtomically(pixels, toPng(svg));
    paths.push(vector, pixels);
  }
  return paths;
}
