import type { Key } from '@lensfield/contracts';
import type { Kernels } from '@lensfield/kernels';
import type { Progress } from '../command-line/progress.ts';
import type { MapOptions } from '../commands/inference-setup.ts';
import type { ReportCurves, ReportData, ReportTable } from '../report/report-data.ts';

export type Budget = 'small' | 'full';

/** What `lensfield reproduce` was asked for. */
export interface ReproduceOptions extends MapOptions {
  readonly budget: Budget;
  /** File of the published posterior. */
  readonly reference?: string;
  /** Folder of a finished run, to be taken instead of a new one. */
  readonly run?: string;
  readonly resume?: boolean;
}

export interface ReproductionTools {
  readonly kernels: Kernels;
  readonly key: Key;
  readonly progress: Progress;
}

/** A part of a paper made again, the published numbers beside ours. */
export interface Reproduction {
  /** What `results.json` and `--json` say. */
  readonly results: unknown;
  readonly tables: readonly ReportTable[];
  readonly curves: readonly ReportCurves[];
  /** The page, without those tables and curves. */
  readonly report: ReportData;
  readonly inputFiles: readonly string[];
}

/** Makes one part; what it needs of the options it asks for. */
export type ReproductionPart = (options: ReproduceOptions, tools: ReproductionTools) => Promise<Reproduction>;
