import { availableParallelism } from 'node:os';
import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError, type Kernels, keyOf } from '@lensfield/kernels';
import { createLognormalModel, type LognormalModel, type Parity, type Survey } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import { initTensors } from '@lensfield/tensors';
import { type Command, Option } from 'commander';
import { oneOf } from '../command-line/option-values.ts';
import { type SharedOptions, withSharedOptions } from '../command-line/shared-options.ts';
import { loadObservation } from '../config/observation.ts';
import { loadPrior } from '../config/prior.ts';
import { loadSurvey } from '../config/survey.ts';
import type { ObservedMap } from '../recipes/observed-map.ts';
import { checkOutputFolder } from '../run/output-folder.ts';

/** Options of every inference from a map. */
export interface MapOptions extends SharedOptions {
  readonly observation: string;
  readonly survey: string;
  readonly prior?: string;
  readonly parity: Parity;
}

/** Options of inference that takes the noise of single pixels. */
export interface NoiseOptions {
  readonly noise?: string;
}

/** Options of inference that takes long. */
export interface InferenceOptions extends MapOptions {
  readonly resume?: boolean;
}

/** What they start from: checked input and loaded kernels. */
export interface InferenceSetup extends ObservedMap {
  readonly survey: Survey;
  readonly prior: JointPrior;
  readonly parity: Parity;
  readonly key: Key;
  readonly kernels: Kernels;
  readonly threads: number;
  readonly model: LognormalModel;
  readonly inputFiles: readonly string[];
}

export const PARITIES = ['none', 'sbi_lens', 'sbi_lens_table'] as const satisfies readonly Parity[];

export function parityOption(): Option {
  return new Option('--parity <name>', 'sbi_lens: reproduce what differs in the reference simulator')
    .argParser(oneOf('--parity', PARITIES))
    .default('none');
}

export function noiseOption(): Option {
  return new Option(
    '--noise <file>',
    "standard deviation of each pixel's noise: npy, [N, N, bins], inf where there are no data (default: that of the survey)",
  );
}

export function withMapOptions(command: Command, out: string): Command {
  return withSharedOptions(command, out)
    .option('--observation <file>', 'map to analyse: npy, [N, N, bins]')
    .option('--survey <name or file>', 'preset or YAML file', 'lsst-y10')
    .option(
      '--prior <file>',
      "YAML file: a distribution or a fixed value for some parameters (default: the paper's)",
    )
    .addOption(parityOption());
}

export function withInferenceOptions(command: Command, out: string): Command {
  return withMapOptions(command, out).option('--resume', 'go on from the checkpoint in --out');
}

/** Checks all input before anything is written, then loads the kernels. */
export async function setUpInference(options: MapOptions & NoiseOptions): Promise<InferenceSetup> {
  if (options.observation === undefined) {
    throw new InvalidArgumentError('--observation', '--observation must name an npy file; got none.');
  }
  const survey = await loadSurvey(options.survey);
  const prior = await loadPrior(options.prior);
  const { mapSize, name, galaxiesPerArcmin2 } = survey;
  const map = await loadObservation(options.observation, {
    mapSize,
    numBins: galaxiesPerArcmin2.length,
    surveyName: name,
    ...(options.noise !== undefined && { noiseFile: options.noise }),
  });
  await checkOutputFolder(options.out);
  const threads = options.threads ?? availableParallelism();
  const kernels = await tensorKernels(threads);
  return {
    survey,
    prior,
    parity: options.parity,
    ...map,
    key: keyOf(options.seed),
    kernels,
    threads,
    model: createLognormalModel({ survey, kernels, parity: options.parity }),
    inputFiles: [options.observation, options.noise, options.prior, fileOf(options.survey)].filter(
      (path) => path !== undefined,
    ),
  };
}

function fileOf(survey: string): string | undefined {
  return /\.ya?ml$/.test(survey) ? survey : undefined;
}

/** The kernels behind the tensors: maps and networks share them. */
export async function tensorKernels(threads: number): Promise<Kernels> {
  const forced = process.env.LENSFIELD_BACKEND;
  // Where native does not load, the default may be TensorFlow, which has no kernels for maps.
  const kernels =
    (await initTensors({ threads })) ?? (forced ? undefined : await initTensors({ backend: 'wasm' }));
  if (kernels !== undefined) return kernels;
  throw new InvalidArgumentError(
    'LENSFIELD_BACKEND',
    `LENSFIELD_BACKEND must be native or wasm for the command line; got ${forced}, which has no kernels for maps.`,
  );
}
