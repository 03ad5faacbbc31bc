import { join } from 'node:path';
import { varianceOf } from '@lensfield/hmc';
import { encodeNpz, writeFileAtomically } from '@lensfield/io';
import { createJointDensity } from '@lensfield/lognormal';
import { Command, Option } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { withInterrupt } from '../command-line/interrupt.ts';
import { oneOf, positiveNumber, wholeNumber } from '../command-line/option-values.ts';
import { printResult } from '../command-line/print-result.ts';
import { terminalProgress } from '../command-line/progress.ts';
import { type ExplicitResult, inferExplicit } from '../recipes/explicit.ts';
import { gradientSeconds, warmupDraws } from '../recipes/warmup-length.ts';
import type { ReportData } from '../report/report-data.ts';
import {
  explicitConvergence,
  explicitCosts,
  explicitPosterior,
  explicitSamples,
  reconstruction,
} from '../results/explicit-results.ts';
import { onePointOf, spectraOf } from '../results/map-figures.ts';
import { summaryOf } from '../results/summary.ts';
import { observationReport, parametersReport, surveyReport } from '../results/survey-report.ts';
import { writeRun } from '../results/write-run.ts';
import { createOutputFolder } from '../run/output-folder.ts';
import { runRecord } from '../run/run-record.ts';
import {
  type InferenceOptions,
  type InferenceSetup,
  setUpInference,
  withInferenceOptions,
} from './inference-setup.ts';

export interface ExplicitCommandOptions extends InferenceOptions {
  readonly sampler: 'nuts' | 'hmc';
  readonly chains: number;
  readonly warmup?: number;
  readonly samples?: number;
  readonly minutes?: number;
}

const DEFAULT_WARMUP = 400;
const DEFAULT_SAMPLES = 1000;
/** Draws of a run that time limits. */
const ENDLESS = 1_000_000;

export function inferExplicitCommand(): Command {
  const command = new Command('explicit').description(
    'sample cosmology and every latent pixel of one map together',
  );
  return withInferenceOptions(command, 'lensfield-explicit')
    .addOption(
      new Option('--sampler <name>', 'nuts or hmc')
        .argParser(oneOf('--sampler', ['nuts', 'hmc'] as const))
        .default('nuts'),
    )
    .addOption(new Option('--chains <n>', 'chains').argParser(wholeNumber('--chains', 1)).default(2))
    .addOption(
      new Option(
        '--warmup <n>',
        'draws of warm-up per chain (default: 400, or what --minutes allows)',
      ).argParser(wholeNumber('--warmup', 0)),
    )
    .addOption(
      new Option(
        '--samples <n>',
        'draws per chain (default: 1000, or as many as fit into --minutes)',
      ).argParser(wholeNumber('--samples', 1)),
    )
    .addOption(new Option('--minutes <m>', 'wall-clock limit').argParser(positiveNumber('--minutes')))
    .action(async (_, self: Command) => {
      await applyConfigFile(self);
      await runExplicit(self.opts<ExplicitCommandOptions>());
    });
}

async function runExplicit(options: ExplicitCommandOptions): Promise<void> {
  const setup = await setUpInference(options);
  await createOutputFolder(options.out);
  const { minutes } = options;
  const numWarmup =
    options.warmup ?? (minutes === undefined ? DEFAULT_WARMUP : timedWarmup(setup, options, minutes));
  const numSamples = options.samples ?? (minutes === undefined ? DEFAULT_SAMPLES : ENDLESS);
  const result = await withInterrupt('', (signal) =>
    inferExplicit({
      ...setup,
      backend: setup.kernels.backend,
      sampler: options.sampler,
      numChains: options.chains,
      numWarmup,
      numSamples,
      checkpointFolder: join(options.out, 'checkpoint'),
      resume: options.resume === true,
      signal,
      progress: terminalProgress(),
      ...(minutes !== undefined && { minutes }),
    }),
  );
  const report = await explicitReport(setup, options, result, numWarmup);
  const summary = explicitSummary(result, numWarmup);
  await writeLatentMoments(options.out, setup, result);
  await writeRun(options.out, { names: result.names, samples: explicitSamples(result), summary, report });
  printResult(options, summary);
}

/** Chains that share the cores cost as much each as one that has them all. */
function timedWarmup(
  { model, prior, observation, key, threads }: InferenceSetup,
  { chains }: ExplicitCommandOptions,
  minutes: number,
): number {
  const density = createJointDensity({ model, prior, observation });
  const lanes = Math.min(chains, threads);
  const seconds = lanes * gradientSeconds(density, key);
  density.dispose();
  return warmupDraws(minutes / Math.ceil(chains / lanes), seconds);
}

/** What `summary.json` says. */
export function explicitSummary(result: ExplicitResult, numWarmup: number) {
  const { convergence, gradients, seconds, numDivergences, numDivergencesWarmup, chains } = result;
  const smallestEss = Math.min(...convergence.map(({ essBulk }) => essBulk));
  return {
    ...summaryOf(result.names, explicitSamples(result)),
    convergence: convergence.map(({ name, rhat, essBulk, essTail }) => ({ name, rhat, essBulk, essTail })),
    chains: { count: chains.shape[0]!, draws: chains.shape[1]!, warmup: numWarmup },
    divergences: { warmup: numDivergencesWarmup, sampling: numDivergences },
    gradients,
    essPerGradient: smallestEss / (gradients.warmup + gradients.sampling),
    seconds,
  };
}

async function explicitReport(
  setup: InferenceSetup,
  options: ExplicitCommandOptions,
  result: ExplicitResult,
  numWarmup: number,
): Promise<ReportData> {
  const { survey, parity, prior, observation, model, kernels, inputFiles } = setup;
  const { parameters } = summaryOf(result.names, explicitSamples(result));
  const mean = prior.complete(parameters.map((p) => p.mean));
  return {
    title: 'Explicit full-field inference',
    summary: `Posterior of ${options.observation}: ${options.sampler.toUpperCase()} over ${prior.names.length} parameters and ${observation.data.length} latent pixels.`,
    run: await runRecord('infer explicit', { ...options }, kernels, inputFiles),
    parameters: parametersReport(prior),
    survey: surveyReport(survey, parity),
    observation: {
      ...observationReport(survey, observation, options.observation),
      reconstruction: { mean: reconstruction(model, prior, result) },
    },
    spectra: spectraOf(model, observation, [{ label: 'theory at the posterior mean', theta: mean }]),
    onePoint: onePointOf(survey, observation),
    posteriors: [explicitPosterior(result)],
    convergence: [explicitConvergence(result, numWarmup)],
    costs: explicitCosts(result),
  };
}

/** Mean and variance of the latents, [bins, N, N]. */
async function writeLatentMoments(
  folder: string,
  { prior, survey }: InferenceSetup,
  { moments }: ExplicitResult,
): Promise<void> {
  const shape = [survey.galaxiesPerArcmin2.length, survey.mapSize, survey.mapSize];
  const latents = (values: Float64Array) => ({
    shape,
    data: Float32Array.from(values.subarray(prior.names.length)),
  });
  const bytes = encodeNpz({ mean: latents(moments.mean), variance: latents(varianceOf(moments)) });
  await writeFileAtomically(join(folder, 'latent-moments.npz'), bytes);
}
