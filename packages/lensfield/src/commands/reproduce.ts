import { join, resolve } from 'node:path';
import { writeFileAtomically } from '@lensfield/io';
import { InvalidArgumentError, keyOf, loadKernels } from '@lensfield/kernels';
import { Command, Option } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { oneOf } from '../command-line/option-values.ts';
import { terminalProgress } from '../command-line/progress.ts';
import { explicitPart } from '../reproduce/lens-benchmark/explicit-part.ts';
import type { Budget, ReproduceOptions, Reproduction, ReproductionPart } from '../reproduce/reproduction.ts';
import { tableAsCsv, tableAsText } from '../reproduce/table-text.ts';
import { writeJson, writeReport } from '../results/write-run.ts';
import { checkOutputFolder, createOutputFolder } from '../run/output-folder.ts';
import { runRecord } from '../run/run-record.ts';
import { withInferenceOptions } from './inference-setup.ts';

/** The parts of each paper that can be made again. */
const PAPERS: Readonly<Record<string, Readonly<Record<string, ReproductionPart>>>> = {
  'lens-benchmark': { explicit: explicitPart },
};

const BUDGETS = ['small', 'full'] as const satisfies readonly Budget[];

export function reproduceCommand(): Command {
  const command = new Command('reproduce').description(
    'tables and figures of the papers, the published numbers beside ours',
  );
  for (const [paper, parts] of Object.entries(PAPERS)) command.addCommand(paperCommand(paper, parts));
  return command;
}

function paperCommand(paper: string, parts: Readonly<Record<string, ReproductionPart>>): Command {
  const names = Object.keys(parts);
  const command = new Command(paper).description(`parts: ${names.join(', ')}`);
  const withOptions = withInferenceOptions(command, `lensfield-${paper}`)
    .addOption(
      new Option('--part <name>', `which part: ${names.join(', ')}`)
        .argParser(oneOf('--part', names))
        .default(names[0]),
    )
    .addOption(
      new Option('--budget <size>', 'small: minutes, on a coarser measure; full: as the paper')
        .argParser(oneOf('--budget', BUDGETS))
        .default('small'),
    )
    .option('--reference <file>', 'the published posterior: npz, or npy [n, 6]')
    .option('--run <folder>', 'a finished run, to be taken instead of a new one from --observation');
  // The papers' maps are made by the reference simulator.
  withOptions.setOptionValueWithSource('parity', 'sbi_lens', 'default');
  return withOptions.action(async (_, self: Command) => {
    await applyConfigFile(self);
    const options = self.opts<ReproduceOptions & { part: string }>();
    await runReproduce(paper, parts[options.part]!, options);
  });
}

async function runReproduce(
  paper: string,
  part: ReproductionPart,
  options: ReproduceOptions & { readonly part: string },
): Promise<void> {
  if (options.run === undefined && options.observation === undefined) {
    throw new InvalidArgumentError(
      '--run',
      '--run must name the folder of a finished run, or --observation the map for a new one; got neither.',
    );
  }
  await checkOutputFolder(options.out);
  const kernels = await loadKernels(options.threads === undefined ? {} : { threads: options.threads });
  const made = await part(options, { kernels, key: keyOf(options.seed), progress: terminalProgress() });
  const run = await runRecord(
    `reproduce ${paper} --part ${options.part}`,
    { ...options },
    kernels,
    made.inputFiles,
  );
  await writeReproduction(options.out, {
    ...made,
    report: { ...made.report, run, tables: made.tables, curves: made.curves },
  });
  if (options.json) process.stdout.write(`${JSON.stringify(made.results)}\n`);
  else {
    process.stdout.write(made.tables.map(tableAsText).join('\n'));
    process.stdout.write(`open ${resolve(options.out, 'report.html')}\n`);
  }
}

async function writeReproduction(out: string, { results, tables, report }: Reproduction): Promise<void> {
  await createOutputFolder(out);
  await writeJson(join(out, 'results.json'), results);
  await writeJson(join(out, 'run.json'), report.run);
  for (const table of tables) await writeFileAtomically(join(out, `${table.name}.csv`), tableAsCsv(table));
  await writeReport(out, report);
}
