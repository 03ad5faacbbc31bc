import { resolve } from 'node:path';
import { c2st } from '@lensfield/diagnostics';
import { InvalidArgumentError, type Kernels, keyOf, loadKernels } from '@lensfield/kernels';
import { Command } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { type SharedOptions, withSharedOptions } from '../command-line/shared-options.ts';
import type { ReportComparison, ReportData, ReportPosterior } from '../report/report-data.ts';
import { readReportData, writeReport } from '../results/write-run.ts';
import { checkOutputFolder } from '../run/output-folder.ts';

export function reportCommand(): Command {
  const command = new Command('report')
    .description('the HTML page of one run, or of several runs on the same map side by side')
    .argument('<run...>', 'folders of finished runs');
  return withSharedOptions(command, 'lensfield-report').action(async (runs: string[], _, self: Command) => {
    await applyConfigFile(self);
    await runReport(runs, self.opts<SharedOptions>());
  });
}

async function runReport(runs: readonly string[], options: SharedOptions): Promise<void> {
  const reports = await Promise.all(runs.map(readReportData));
  await checkOutputFolder(options.out);
  const report =
    reports.length === 1 ? reports[0]! : joinedReport(await loadKernels(), reports, options.seed);
  await writeReport(options.out, report);
  const page = resolve(options.out, 'report.html');
  process.stdout.write(options.json ? `${JSON.stringify({ report: page })}\n` : `${page}\n`);
}

/** One report of several runs on one map: what belongs to the map from the first, what belongs to a method from each. */
export function joinedReport(kernels: Kernels, reports: readonly ReportData[], seed: number): ReportData {
  const [first, ...others] = reports as [ReportData, ...ReportData[]];
  const stranger = others.find((other) => !isOnSameMap(first, other));
  if (stranger !== undefined) {
    throw new InvalidArgumentError(
      'run',
      `lensfield report: runs must be on the same map with the same parameters; '${stranger.title}' is not on that of '${first.title}'.`,
    );
  }
  const labelled = withDistinctLabels(reports);
  const posteriors = labelled.flatMap((report) => report.posteriors ?? []);
  const all = <K extends 'convergence' | 'calibrations' | 'trainings' | 'costs' | 'notes'>(key: K) =>
    labelled.flatMap((report) => (report[key] ?? []) as NonNullable<ReportData[K]>[number][]);
  return {
    ...Object.assign({}, ...reports.toReversed()),
    title: 'Full-field inference',
    summary: reports.map(({ summary }) => summary).join(' '),
    observation: Object.assign({}, ...reports.map(({ observation }) => observation)),
    posteriors,
    comparisons: comparisonsOf(kernels, posteriors, seed),
    convergence: all('convergence'),
    calibrations: all('calibrations'),
    trainings: all('trainings'),
    costs: all('costs'),
    notes: all('notes'),
  };
}

function isOnSameMap(a: ReportData, b: ReportData): boolean {
  const names = (report: ReportData) => report.parameters.map(({ name }) => name).join();
  const [x, y] = [a.observation?.maps.data, b.observation?.maps.data];
  return (
    names(a) === names(b) &&
    x?.length === y?.length &&
    (x === undefined || Array.from(x).every((value, i) => value === y![i]))
  );
}

/** A posterior whose label an earlier one has gets a number, and its calibration with it. */
function withDistinctLabels(reports: readonly ReportData[]): ReportData[] {
  const seen = new Map<string, number>();
  return reports.map((report) => {
    const renamed = new Map<string, string>();
    for (const { label } of report.posteriors ?? []) {
      const count = (seen.get(label) ?? 0) + 1;
      seen.set(label, count);
      renamed.set(label, count === 1 ? label : `${label} ${count}`);
    }
    const rename = <T extends { readonly label: string }>(one: T): T => ({
      ...one,
      label: renamed.get(one.label) ?? one.label,
    });
    return {
      ...report,
      ...(report.posteriors && { posteriors: report.posteriors.map(rename) }),
      ...(report.calibrations && { calibrations: report.calibrations.map(rename) }),
    };
  });
}

/**
 * Every full-field posterior against the explicit one, or the first: the exact method is the unit where there is one. That of the spectra is wider
 * by nature; figures of merit say how much.
 */
export function comparisonsOf(
  kernels: Kernels,
  all: readonly ReportPosterior[],
  seed: number,
): ReportComparison[] {
  const posteriors = all.filter(({ method }) => method !== 'spectra');
  const reference =
    posteriors.find(({ method }) => method === 'reference') ??
    posteriors.find(({ method }) => method === 'explicit') ??
    posteriors[0];
  return posteriors
    .filter((posterior) => posterior !== reference)
    .map((posterior) => ({
      a: reference!.label,
      b: posterior.label,
      c2st: c2st({ kernels, samples: posterior.samples, reference: reference!.samples, key: keyOf(seed) }),
    }));
}
