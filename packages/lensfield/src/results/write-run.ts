import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NdArray } from '@lensfield/contracts';
import { writeFileAtomically } from '@lensfield/io';
import { InvalidArgumentError } from '@lensfield/kernels';
import { renderReport } from '../report/render-report.ts';
import type { ReportData } from '../report/report-data.ts';
import { writeReportFigures } from '../report/write-figures.ts';
import { createOutputFolder } from '../run/output-folder.ts';
import { decodeTypedJson, encodeTypedJson } from '../run/typed-json.ts';
import { writePosterior } from './posterior-file.ts';

/** Holds what the report shows, so that `lensfield report` can show it again or beside other runs. */
const REPORT_DATA_FILE = 'report-data.json';
export const REPORT_FILE = 'report.html';

export interface RunResults {
  readonly names: readonly string[];
  readonly samples: NdArray<Float32Array | Float64Array>;
  readonly logProb?: Float64Array;
  readonly summary: unknown;
  readonly report: ReportData;
}

/** Writes posterior, summary, run record, report and figures into a folder. */
export async function writeRun(folder: string, results: RunResults): Promise<void> {
  await createOutputFolder(folder);
  await writePosterior(folder, results.names, results.samples, results.logProb);
  await writeJson(join(folder, 'summary.json'), results.summary);
  await writeJson(join(folder, 'run.json'), results.report.run);
  await writeReport(folder, results.report);
}

/** Writes the page, its pictures and the data behind them. */
export async function writeReport(folder: string, report: ReportData): Promise<void> {
  await createOutputFolder(folder);
  await writeFileAtomically(join(folder, REPORT_DATA_FILE), encodeTypedJson(report));
  await writeFileAtomically(join(folder, REPORT_FILE), renderReport(report));
  await writeReportFigures(join(folder, 'figures'), report);
}

/** @throws {InvalidArgumentError} if the folder is no finished run. */
export async function readReportData(folder: string): Promise<ReportData> {
  const file = join(folder, REPORT_DATA_FILE);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new InvalidArgumentError(
      'run',
      `run must be the folder of a finished run; got '${folder}' without ${REPORT_DATA_FILE} (${cause.code}).`,
      { cause },
    );
  });
  return decodeTypedJson(text, file) as ReportData;
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(
    path,
    `${JSON.stringify(value, (_, item) => (ArrayBuffer.isView(item) ? Array.from(item as Float64Array) : item), 2)}\n`,
  );
}
