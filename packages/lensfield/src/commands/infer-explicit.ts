import { join } from 'node:path';
import type { NdArray } from '@lensfield/contracts';
import { encodeNpy, writeFileAtomically } from '@lensfield/io';
import { createJointDensity } from '@lensfield/lognormal';
import { Command, Option } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { withInterrupt } from '../command-line/interrupt.ts';
import { oneOf, positiveNumber, wholeNumber } from '../command-line/option-values.ts';
import { printResult } from '../command-line/print-result.ts';
import { terminalProgress } from '../command-line/progress.ts';
import { type ExplicitResult, inferExplicit } from '../recipes/explicit.ts';
import { SAMPLER_NAMES, SAMPLERS, type SamplerName } from '../recipes/samplers.ts';
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
import { SPECTRA_POSTERIOR_FILE, writePosteriorFile } from '../results/posterior-file.ts';
import { spectraSamples, spectraSummary, withBaseline } from '../results/spectra-results.ts';
import { summaryOf } from '../results/summary.ts';
import { observationReport, parametersReport, surveyReport } from '../results/survey-report.ts';
import { writeRun } from '../results/write-run.ts';
import { createOutputFolder } from '../run/output-folder.ts';
import { runRecord } from '../run/run-record.ts';
import { spectraBaseline } from './infer-spectra.ts';
import {
  type InferenceOptions,
  type InferenceSetup,
  setUpInference,
  withInferenceOptions,
} from './inference-setup.ts';

export interface ExplicitCommandOptions extends InferenceOptions {
  readonly sampler: SamplerName;
  readonly chains: number;
  readonly warmup?: number;
  readonly samples?: number;
  readonly minutes?: number;
  readonly untilEss?: number;
}

/** Draws of a run that time or an effective size limits. */
const ENDLESS = 1_000_000;

export function inferExplicitCommand(): Command {
  const command = new Command('explicit').description(
    'sample cosmology and every latent pixel of one map together',
  );
  return withInferenceOptions(command, 'lensfield-explicit')
    .addOption(
      new Option(
        '--sampler <name>',
        'mclmc (Metropolis-adjusted, one step a draw), nuts (trajectories of 63 steps at most) or hmc (of about 20)',
      )
        .argParser(oneOf('--sampler', SAMPLER_NAMES))
        .default('mclmc'),
    )
    .addOption(new Option('--chains <n>', 'chains').argParser(wholeNumber('--chains', 1)).default(2))
    .addOption(
      new Option(
        '--warmup <n>',
        `draws of warm-up per chain (default: ${SAMPLERS.mclmc.defaultWarmup} or ${SAMPLERS.nuts.defaultWarmup} by sampler, or what --minutes allows)`,
      ).argParser(wholeNumber('--warmup', 0)),
    )
    .addOption(
      new Option(
        '--samples <n>',
        `draws per chain (default: ${SAMPLERS.mclmc.defaultSamples} or ${SAMPLERS.nuts.defaultSamples} by sampler, or as many as --minutes or --until-ess take)`,
      ).argParser(wholeNumber('--samples', 1)),
    )
    .addOption(new Option('--minutes <m>', 'wall-clock limit').argParser(positiveNumber('--minutes')))
    .addOption(
      new Option('--until-ess <n>', 'end when every parameter has n effective draws').argParser(
        wholeNumber('--until-ess', 1),
      ),
    )
    .action(async (_, self: Command) => {
      await applyConfigFile(self);
      await runExplicit(self.opts<ExplicitCommandOptions>());
    });
}

async function runExplicit(options: ExplicitCommandOptions): Promise<void> {
  printResult(options, await makeExplicitRun(options));
}

/** Runs and writes everything into `--out`; returns what `summary.json` says. */
export async function makeExplicitRun(options: ExplicitCommandOptions) {
  const setup = await setUpInference(options);
  await createOutputFolder(options.out);
  const { minutes, untilEss } = options;
  const { defaultWarmup, defaultSamples } = SAMPLERS[options.sampler];
  const numWarmup =
    options.warmup ?? (minutes === undefined ? defaultWarmup : timedWarmup(setup, options, minutes));
  const isEndless = minutes !== undefined || untilEss !== undefined;
  const numSamples = options.samples ?? (isEndless ? ENDLESS : defaultSamples);
  const progress = terminalProgress();
  const baseline = await withInterrupt('', (signal) => spectraBaseline(setup, { signal, progress }));
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
      progress,
      ...(minutes !== undefined && { minutes }),
      ...(untilEss !== undefined && { untilEss }),
    }),
  );
  const mean = reconstruction(setup.model, setup.prior, setup.observation, result);
  const report = withBaseline(await explicitReport(setup, options, result, { numWarmup, mean }), baseline);
  const summary = { ...explicitSummary(result, numWarmup), spectra: spectraSummary(baseline) };
  await writeFileAtomically(join(options.out, 'reconstruction.npy'), encodeNpy(mean));
  await writePosteriorFile(
    join(options.out, SPECTRA_POSTERIOR_FILE),
    baseline.names,
    spectraSamples(baseline),
  );
  await writeRun(options.out, { names: result.names, samples: explicitSamples(result), summary, report });
  return summary;
}

/** Chains that share the cores cost as much each as one that has them all. */
function timedWarmup(
  { model, prior, observation, key, threads }: InferenceSetup,
  { chains, sampler }: ExplicitCommandOptions,
  minutes: number,
): number {
  const density = createJointDensity({ model, prior, observation, coordinates: 'wiener' });
  const lanes = Math.min(chains, threads);
  const seconds = lanes * gradientSeconds(density, key);
  density.dispose();
  return warmupDraws(sampler, minutes / Math.ceil(chains / lanes), seconds);
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
  { numWarmup, mean }: { readonly numWarmup: number; readonly mean: NdArray<Float32Array> },
): Promise<ReportData> {
  const { survey, parity, prior, observation, model, kernels, inputFiles } = setup;
  const { parameters } = summaryOf(result.names, explicitSamples(result));
  const theta = prior.complete(parameters.map((p) => p.mean));
  return {
    title: 'Explicit full-field inference',
    summary: `Posterior of ${options.observation}: ${options.sampler.toUpperCase()} over ${prior.names.length} parameters and ${observation.data.length} latent pixels.`,
    run: await runRecord('infer explicit', { ...options }, kernels, inputFiles),
    parameters: parametersReport(prior),
    survey: surveyReport(survey, parity),
    observation: {
      ...observationReport(survey, observation, options.observation),
      reconstruction: { mean },
    },
    spectra: spectraOf(model, observation, [{ label: 'theory at the posterior mean', theta }]),
    onePoint: onePointOf(survey, observation),
    posteriors: [explicitPosterior(result)],
    convergence: [explicitConvergence(result, numWarmup)],
    costs: explicitCosts(result),
  };
}
