import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { encodeNpz, writeFileAtomically } from '@lensfield/io';
import { foldIn, keyOf, loadKernels } from '@lensfield/kernels';
import { type Parity, simulateMany } from '@lensfield/lognormal';
import { Command, Option } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { withInterrupt } from '../command-line/interrupt.ts';
import { wholeNumber } from '../command-line/option-values.ts';
import { terminalProgress } from '../command-line/progress.ts';
import { type SharedOptions, withSharedOptions } from '../command-line/shared-options.ts';
import { loadPrior } from '../config/prior.ts';
import { loadSurvey } from '../config/survey.ts';
import { writeJson } from '../results/write-run.ts';
import { checkOutputFolder, createOutputFolder } from '../run/output-folder.ts';
import { runRecord } from '../run/run-record.ts';
import { parityOption } from './inference-setup.ts';

interface SimulateOptions extends SharedOptions {
  readonly survey: string;
  readonly prior?: string;
  readonly parity: Parity;
  readonly count: number;
  readonly mapSize?: number;
  readonly scores?: boolean;
}

/** Folds of the seed's key: parameters, maps. */
const PARAMETERS = 0;
const MAPS = 1;

export function simulateCommand(): Command {
  const command = new Command('simulate').description('simulate maps with parameters drawn from the prior');
  return withSharedOptions(command, 'lensfield-simulations')
    .option('--survey <name or file>', 'preset or YAML file', 'lsst-y10')
    .option('--prior <file>', 'YAML file: a distribution or a fixed value for some parameters')
    .addOption(parityOption())
    .addOption(new Option('--count <n>', 'simulations').argParser(wholeNumber('--count', 1)).default(100))
    .addOption(
      new Option(
        '--map-size <n>',
        'pixels along a side, of the same size: a smaller or larger field',
      ).argParser(wholeNumber('--map-size', 4)),
    )
    .option('--scores', 'joint scores too')
    .action(async (_, self: Command) => {
      await applyConfigFile(self);
      await runSimulate(self.opts<SimulateOptions>());
    });
}

async function runSimulate(options: SimulateOptions): Promise<void> {
  const survey = resized(await loadSurvey(options.survey), options.mapSize);
  const prior = await loadPrior(options.prior);
  await checkOutputFolder(options.out);
  const key = keyOf(options.seed);
  const kernels = await loadKernels({ threads: 1 });
  const free = prior.sample(foldIn(key, PARAMETERS), options.count);
  const stage = terminalProgress().stage('simulations', options.count, 'maps');
  const result = await withInterrupt('Nothing was written.', (signal) =>
    simulateMany({
      survey,
      parity: options.parity,
      theta: { shape: [options.count, prior.parameterNames.length], data: prior.complete(free.data) },
      key: foldIn(key, MAPS),
      scores: options.scores === true,
      workers: options.threads ?? availableParallelism(),
      backend: kernels.backend,
      signal,
      onProgress: ({ done, failed }) => stage.update(done, { failed }),
    }),
  );
  const seconds = stage.finish();
  const { ids, theta, maps, scores, failures } = result;
  const summary = {
    written: ids.length,
    failed: failures.length,
    failures,
    parameters: prior.parameterNames,
    shape: maps.shape,
    seconds,
  };
  await createOutputFolder(options.out);
  await writeFileAtomically(
    join(options.out, 'simulations.npz'),
    encodeNpz({
      ids: { shape: [ids.length], data: ids },
      names: prior.parameterNames,
      theta,
      maps,
      ...(scores && { scores }),
    }),
  );
  await writeJson(join(options.out, 'summary.json'), summary);
  await writeJson(
    join(options.out, 'run.json'),
    await runRecord('simulate', { ...options, survey }, kernels, []),
  );
  process.stdout.write(
    options.json
      ? `${JSON.stringify(summary)}\n`
      : `${ids.length} maps, ${failures.length} failed: ${options.out}\n`,
  );
}

function resized<S extends { readonly mapSize: number; readonly fieldSizeDeg: number }>(
  survey: S,
  mapSize: number | undefined,
): S {
  if (mapSize === undefined) return survey;
  return { ...survey, mapSize, fieldSizeDeg: (survey.fieldSizeDeg * mapSize) / survey.mapSize };
}
