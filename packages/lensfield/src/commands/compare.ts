import { join } from 'node:path';
import type { NdArray } from '@lensfield/contracts';
import { c2st, figureOfMerit, summarizeSamples } from '@lensfield/diagnostics';
import { InvalidArgumentError, type Kernels, keyOf, loadKernels } from '@lensfield/kernels';
import { Command } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { type SharedOptions, withSharedOptions } from '../command-line/shared-options.ts';
import { type PosteriorSamples, readPosterior } from '../results/posterior-file.ts';
import { writeJson } from '../results/write-run.ts';
import { checkOutputFolder, createOutputFolder } from '../run/output-folder.ts';

export function compareCommand(): Command {
  const command = new Command('compare')
    .description('two posteriors: C2ST, differences of means and widths, figures of merit')
    .argument('<a>', 'run folder, posterior.npz, or npy file [n, 6]')
    .argument('<b>', 'the reference: its widths are the units');
  return withSharedOptions(command, 'lensfield-comparison').action(
    async (a: string, b: string, _, self: Command) => {
      await applyConfigFile(self);
      await runCompare(a, b, self.opts<SharedOptions>());
    },
  );
}

async function runCompare(a: string, b: string, options: SharedOptions): Promise<void> {
  const [first, second] = [await readPosterior(a, 'a'), await readPosterior(b, 'b')];
  requireSameNames(first, second);
  await checkOutputFolder(options.out);
  const kernels = await loadKernels(options.threads === undefined ? {} : { threads: options.threads });
  const comparison = comparisonOf(kernels, first, second, options.seed);
  await createOutputFolder(options.out);
  await writeJson(join(options.out, 'comparison.json'), comparison);
  process.stdout.write(options.json ? `${JSON.stringify(comparison)}\n` : tableOf(comparison));
}

/** @throws {InvalidArgumentError} if two posteriors are not of the same parameters. */
export function requireSameNames(a: PosteriorSamples, b: PosteriorSamples): void {
  if (a.names.join() === b.names.join()) return;
  throw new InvalidArgumentError(
    'b',
    `lensfield compare: both posteriors must have the same parameters; got ${a.names.join(', ')} and ${b.names.join(', ')}.`,
  );
}

/** Differences of `a` from the reference `b`. */
export interface Comparison {
  readonly c2st: number;
  readonly c2stStandardError: number;
  readonly parameters: readonly {
    readonly name: string;
    /** (mean of a - mean of b) / sd of b. */
    readonly shift: number;
    /** sd of a / sd of b. */
    readonly width: number;
  }[];
  /** Of a and b, by pair of parameters. */
  readonly figureOfMerit: Readonly<Record<string, readonly [number, number]>>;
}

export function comparisonOf(
  kernels: Kernels,
  a: PosteriorSamples,
  b: PosteriorSamples,
  seed: number,
): Comparison {
  const { names } = a;
  const [inA, inB] = [a, b].map(({ samples }) => summarizeSamples(samples, { names }));
  const { accuracy, standardError } = c2st({
    kernels,
    samples: a.samples,
    reference: b.samples,
    key: keyOf(seed),
  });
  return {
    c2st: accuracy,
    c2stStandardError: standardError,
    parameters: names.map((name, i) => ({
      name,
      shift: (inA![i]!.mean - inB![i]!.mean) / inB![i]!.sd,
      width: inA![i]!.sd / inB![i]!.sd,
    })),
    figureOfMerit: meritsOf(names, a.samples, b.samples),
  };
}

function meritsOf(names: readonly string[], a: NdArray<Float32Array>, b: NdArray<Float32Array>) {
  const pairs = names.flatMap((_, i) => names.slice(i + 1).map((_, k) => [i, i + 1 + k] as const));
  return Object.fromEntries(
    pairs.map(([i, j]) => [
      `${names[i]}, ${names[j]}`,
      [figureOfMerit(a, i, j), figureOfMerit(b, i, j)] as const,
    ]),
  );
}

function tableOf({
  c2st: accuracy,
  c2stStandardError,
  parameters,
  figureOfMerit: merits,
}: Comparison): string {
  const rows = parameters.map(
    ({ name, shift, width }) =>
      `${name.padEnd(9)} shift ${shift.toFixed(3).padStart(7)} sd   width ${width.toFixed(3)}`,
  );
  const merit = Object.entries(merits).map(
    ([pair, [a, b]]) => `${pair.padEnd(18)} figure of merit ${a.toPrecision(4)} against ${b.toPrecision(4)}`,
  );
  return `${[`C2ST      ${accuracy.toFixed(3)} +- ${c2stStandardError.toFixed(3)}`, ...rows, ...merit].join('\n')}\n`;
}
