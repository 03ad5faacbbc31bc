import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { z } from 'zod';
import type { ReportData } from '../../report/report-data.ts';
import { readPosterior, SPECTRA_POSTERIOR_FILE } from '../../results/posterior-file.ts';
import { readReportData } from '../../results/write-run.ts';

/** What a folder of `infer explicit` holds. */
export interface FinishedRun {
  readonly names: readonly string[];
  /** Parameters of the draws, [chains, draws, parameters]. */
  readonly chains: NdArray<Float32Array>;
  readonly gradients: { readonly warmup: number; readonly sampling: number };
  /** Draws by the power spectra of the same map, [n, parameters]. */
  readonly spectra: NdArray<Float32Array>;
  readonly report: ReportData;
}

const Summary = z.object({
  chains: z.object({ count: z.number(), draws: z.number() }),
  gradients: z.object({ warmup: z.number(), sampling: z.number() }),
});

/** @throws {InvalidArgumentError} if the folder is no finished run of `infer explicit`, or one without power spectra. */
export async function readFinishedRun(folder: string): Promise<FinishedRun> {
  const report = await readReportData(folder);
  const { names, samples } = await readPosterior(folder, '--run');
  const summary = Summary.safeParse(await readSummary(folder));
  const size = names.length;
  if (!summary.success || summary.data.chains.count * summary.data.chains.draws !== samples.shape[0]) {
    throw new InvalidArgumentError(
      '--run',
      `--run must be the folder of a finished run of lensfield infer explicit, whose summary.json counts its draws; got '${folder}'.`,
    );
  }
  const { chains, gradients } = summary.data;
  const baseline = await readPosterior(join(folder, SPECTRA_POSTERIOR_FILE), '--run').catch(
    (cause: Error) => {
      throw new InvalidArgumentError(
        '--run',
        `--run must hold ${SPECTRA_POSTERIOR_FILE}, the posterior of the power spectra; got '${folder}' (${cause.message}). Runs of earlier versions have none: copy the posterior.npz of lensfield infer spectra there under that name.`,
        { cause },
      );
    },
  );
  return {
    names,
    chains: { shape: [chains.count, chains.draws, size], data: samples.data },
    gradients,
    spectra: baseline.samples,
    report,
  };
}

async function readSummary(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8').catch(() => '{}'));
}
