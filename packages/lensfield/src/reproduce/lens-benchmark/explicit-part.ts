import { join } from 'node:path';
import { figureOfMerit } from '@lensfield/diagnostics';
import { InvalidArgumentError } from '@lensfield/kernels';
import { requireSameNames } from '../../commands/compare.ts';
import { EXPLICIT_DEFAULTS, makeExplicitRun } from '../../commands/explicit-run.ts';
import type { ReportCurves, ReportData, ReportTable } from '../../report/report-data.ts';
import { pooledDraws } from '../../results/chain-draws.ts';
import { EXPLICIT_LABEL } from '../../results/explicit-results.ts';
import { type PosteriorSamples, posteriorFileOf, readPosterior } from '../../results/posterior-file.ts';
import type { Budget, ReproduceOptions, Reproduction, ReproductionTools } from '../reproduction.ts';
import { type ConvergenceRow, convergenceTable } from './convergence-table.ts';
import { type FinishedRun, readFinishedRun } from './finished-run.ts';
import {
  CONVERGED_C2ST,
  PUBLISHED_CONVERGENCE,
  PUBLISHED_MERITS,
  SIMULATIONS_PER_GRADIENT,
} from './published.ts';

/** Draws per chain of a run of its own, and of each side of the classifier. */
const SIZES: Readonly<Record<Budget, { warmup: number; samples: number; classifierDraws: number }>> = {
  small: { warmup: 200, samples: 1000, classifierDraws: 2000 },
  full: { warmup: 400, samples: 10_000, classifierDraws: 10_000 },
};

/**
 * Explicit inference of the benchmark of Zeghal et al. (2024), arXiv 2409.17975: how far a run has come at as many simulations as the paper's, and
 * what the field says beyond its power spectra.
 */
export async function explicitPart(
  options: ReproduceOptions,
  { kernels, key, progress }: ReproductionTools,
): Promise<Reproduction> {
  if (options.reference === undefined) {
    throw new InvalidArgumentError(
      '--reference',
      '--reference must name the published posterior, npz or npy [n, 6]; got none. That of the public map is in the repository sbi_lens.',
    );
  }
  const reference = await readPosterior(options.reference, '--reference');
  const run = await readFinishedRun(options.run ?? (await ownRun(options)));
  requireSameNames({ names: run.names, samples: run.spectra }, reference);
  const { classifierDraws } = SIZES[options.budget];
  const stage = progress.stage('C2ST against reference', PUBLISHED_CONVERGENCE.length + 1, 'rows');
  const rows = convergenceTable(run, {
    kernels,
    key,
    reference: reference.samples,
    classifierDraws,
    onRow: ({ c2st, ess }, index) => stage.update(index + 1, { c2st, ess }),
  });
  stage.finish();
  return {
    results: resultsOf(run, rows, reference),
    tables: [convergenceReport(rows, classifierDraws), meritReport(run, reference)],
    curves: [c2stCurves(rows)],
    report: pageOf(run, rows, reference),
    inputFiles: [await posteriorFileOf(options.reference)],
  };
}

/** A run of `infer explicit` in a folder within `--out`. */
async function ownRun(options: ReproduceOptions): Promise<string> {
  const out = join(options.out, 'explicit');
  const { warmup, samples } = SIZES[options.budget];
  await makeExplicitRun({ ...options, ...EXPLICIT_DEFAULTS, out, warmup, samples });
  return out;
}

const publishedAt = ({ simulations }: ConvergenceRow) =>
  PUBLISHED_CONVERGENCE.find((row) => Math.abs(simulations / row.simulations - 1) < 0.01);

function resultsOf(run: FinishedRun, rows: readonly ConvergenceRow[], reference: PosteriorSamples) {
  return {
    convergence: rows.map((row) => ({ ...row, published: publishedAt(row) ?? null })),
    warmupSimulations: SIMULATIONS_PER_GRADIENT * run.gradients.warmup,
    simulationsToC2st: {
      c2st: CONVERGED_C2ST,
      ours: rows.find(({ c2st }) => c2st <= CONVERGED_C2ST)?.simulations ?? null,
      published: PUBLISHED_CONVERGENCE.find(({ c2st }) => c2st <= CONVERGED_C2ST)!.simulations,
    },
    figureOfMerit: meritsOf(run, reference),
  };
}

/** In the planes that the papers quote and the run has. */
function meritsOf({ names, chains, spectra }: FinishedRun, reference: PosteriorSamples) {
  const samples = pooledDraws(chains);
  return PUBLISHED_MERITS.flatMap(({ plane, ...published }) => {
    const [i, j] = plane.map((name) => names.indexOf(name)) as [number, number];
    if (i < 0 || j < 0) return [];
    const merit = (of: PosteriorSamples['samples']) => figureOfMerit(of, i, j);
    const ours = { spectra: merit(spectra), fullField: merit(samples) };
    return [{ plane: plane.join(', '), ...ours, reference: merit(reference.samples), published }];
  });
}

function convergenceReport(rows: readonly ConvergenceRow[], classifierDraws: number): ReportTable {
  return {
    name: 'convergence',
    title: 'Explicit inference: distance from the reference against simulations',
    columns: [
      'simulations',
      'draws',
      'C2ST',
      'error',
      'min ESS',
      'published draws',
      'published C2ST',
      'published min ESS',
    ],
    rows: rows.map((row) => {
      const published = publishedAt(row);
      return [
        row.simulations,
        row.draws,
        row.c2st.toFixed(3),
        row.c2stStandardError.toFixed(3),
        Math.round(row.ess),
        published?.draws ?? '',
        published?.c2st ?? '',
        published?.ess ?? '',
      ];
    }),
    note: `A gradient counts as two simulations and warm-up is left out, as in the paper. C2ST is 0.5 where nothing tells the draws from the reference; the paper calls 0.6 converged. The classifier sees ${classifierDraws} draws of each side, the paper's 10 000: fewer see less. Ours are the first draws of all chains together, the published ones those of one chain after the other, which began at the truth.`,
  };
}

function meritReport(run: FinishedRun, reference: PosteriorSamples): ReportTable {
  return {
    name: 'figures-of-merit',
    title: 'Figures of merit',
    columns: [
      'plane',
      'power spectrum',
      'full field',
      'ratio',
      'reference',
      'published power spectrum',
      'published full field',
      'published ratio',
    ],
    rows: meritsOf(run, reference).map(({ plane, spectra, fullField, reference: of, published }) => [
      plane,
      Math.round(spectra),
      Math.round(fullField),
      (fullField / spectra).toFixed(2),
      Math.round(of),
      published.spectra,
      published.fullField,
      (published.fullField / published.spectra).toFixed(2),
    ]),
    note: 'Published figures are of the public map: arXiv 2407.10877.',
  };
}

function c2stCurves(rows: readonly ConvergenceRow[]): ReportCurves {
  return {
    name: 'c2st-against-simulations',
    xLabel: 'decimal logarithm of simulations',
    yLabel: 'C2ST',
    series: [
      {
        label: 'this run',
        x: rows.map(({ simulations }) => Math.log10(simulations)),
        y: rows.map(({ c2st }) => c2st),
      },
      {
        label: 'published',
        x: PUBLISHED_CONVERGENCE.map(({ simulations }) => Math.log10(simulations)),
        y: PUBLISHED_CONVERGENCE.map(({ c2st }) => c2st),
      },
    ],
    note: 'How well a classifier tells the draws so far from the reference posterior: 0.5 if it cannot.',
  };
}

/** The page of the run, with the reference beside it. */
function pageOf(run: FinishedRun, rows: readonly ConvergenceRow[], reference: PosteriorSamples): ReportData {
  const last = rows.at(-1)!;
  return {
    ...run.report,
    title: 'Explicit inference of the benchmark',
    summary:
      'The full field of one map against its power spectra, and against the published posterior, at as many simulations as the paper took (arXiv 2409.17975).',
    posteriors: [
      ...(run.report.posteriors ?? []).filter(({ method }) => method !== 'spectra'),
      { label: 'power spectrum', method: 'spectra', samples: run.spectra },
      { label: 'published', method: 'reference', samples: reference.samples },
    ],
    comparisons: [
      {
        a: 'published',
        b: EXPLICIT_LABEL,
        c2st: { accuracy: last.c2st, standardError: last.c2stStandardError },
      },
    ],
  };
}
