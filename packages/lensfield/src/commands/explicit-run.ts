import { join } from 'node:path';
import type { NdArray } from '@lensfield/contracts';
import { encodeNpy, writeFileAtomically } from '@lensfield/io';
import { withInterrupt } from '../command-line/interrupt.ts';
import { terminalProgress } from '../command-line/progress.ts';
import { type ExplicitResult, inferExplicit } from '../recipes/explicit.ts';
import { SAMPLERS, type SamplerName } from '../recipes/samplers.ts';
import { SPECTRA_CHAINS } from '../recipes/spectra/infer-spectra.ts';
import { gradientSeconds, warmupDraws } from '../recipes/warmup-length.ts';
import { wienerDensity } from '../recipes/wiener-density.ts';
import type { ReportData } from '../report/report-data.ts';
import { pooledDraws } from '../results/chain-draws.ts';
import {
  explicitConvergence,
  explicitCosts,
  explicitPosterior,
  explicitSummary,
  reconstruction,
} from '../results/explicit-results.ts';
import { type KeptMaps, keptMaps, standardDeviationMap, writeKeptMaps } from '../results/kept-maps.ts';
import { onePointOf, spectraOf } from '../results/map-figures.ts';
import { SPECTRA_POSTERIOR_FILE, writePosteriorFile } from '../results/posterior-file.ts';
import { sampleStats, writePosteriorNetcdf } from '../results/posterior-netcdf.ts';
import { posteriorSpectra } from '../results/posterior-spectra.ts';
import { spectraSummary, withBaseline } from '../results/spectra-results.ts';
import { summaryOf } from '../results/summary.ts';
import { observationReport, parametersReport, surveyReport } from '../results/survey-report.ts';
import { writeRun } from '../results/write-run.ts';
import { createOutputFolder } from '../run/output-folder.ts';
import { decidedPlan } from '../run/run-plan.ts';
import { runRecord } from '../run/run-record.ts';
import { spectraBaseline } from './infer-spectra.ts';
import {
  type InferenceOptions,
  type InferenceSetup,
  type NoiseOptions,
  setUpInference,
} from './inference-setup.ts';

export interface ExplicitCommandOptions extends InferenceOptions, NoiseOptions {
  readonly sampler: SamplerName;
  readonly chains: number;
  readonly warmup?: number;
  readonly samples?: number;
  readonly minutes?: number;
  readonly untilEss?: number;
  readonly checkpointMinutes: number;
  readonly keepMaps: number;
  readonly baselineEss: number;
}

export const EXPLICIT_DEFAULTS = {
  sampler: 'hmc',
  chains: 2,
  checkpointMinutes: 1,
  keepMaps: 64,
  baselineEss: SPECTRA_CHAINS.untilEss,
} as const;

/** Draws of a run that time or an effective size limits. */
const ENDLESS = 1_000_000;

/** Runs and writes everything into `--out`; returns what `summary.json` says. */
export async function makeExplicitRun(options: ExplicitCommandOptions) {
  const setup = await setUpInference(options);
  await createOutputFolder(options.out);
  const { minutes, untilEss } = options;
  const { defaultSamples } = SAMPLERS[options.sampler];
  const checkpointFolder = join(options.out, 'checkpoint');
  const numWarmup = await plannedWarmup(setup, options, checkpointFolder);
  const isEndless = minutes !== undefined || untilEss !== undefined;
  const numSamples = options.samples ?? (isEndless ? ENDLESS : defaultSamples);
  const progress = terminalProgress();
  const baseline = await withInterrupt('', (signal) =>
    spectraBaseline(setup, { untilEss: options.baselineEss, signal, progress }),
  );
  const result = await withInterrupt('', (signal) =>
    inferExplicit({
      ...setup,
      backend: setup.kernels.backend,
      sampler: options.sampler,
      numChains: options.chains,
      numWarmup,
      numSamples,
      checkpointFolder,
      checkpointMinutes: options.checkpointMinutes,
      keepMaps: options.keepMaps,
      resume: options.resume === true,
      signal,
      progress,
      ...(minutes !== undefined && { minutes }),
      ...(untilEss !== undefined && { untilEss }),
    }),
  );
  const mean = reconstruction(setup.model, setup.prior, setup, result);
  const kept = keptMaps(setup.model, setup.prior, setup, result);
  const sd = kept && standardDeviationMap(kept);
  const report = withBaseline(
    await explicitReport(setup, options, result, { numWarmup, mean, kept, sd }),
    baseline,
  );
  const summary = { ...explicitSummary(result, numWarmup), spectra: spectraSummary(baseline) };
  await writeFileAtomically(join(options.out, 'reconstruction.npy'), encodeNpy(mean));
  await writePosteriorFile(
    join(options.out, SPECTRA_POSTERIOR_FILE),
    baseline.names,
    pooledDraws(baseline.chains),
  );
  await writeRun(options.out, { names: result.names, samples: pooledDraws(result.chains), summary, report });
  await writePosteriorNetcdf(options.out, result.names, result.chains, sampleStats(result));
  if (kept) await writeKeptMaps(options.out, kept, sd);
  return summary;
}

/** Draws of warm-up, decided at the start of a run and kept when it goes on. */
async function plannedWarmup(
  setup: InferenceSetup,
  options: ExplicitCommandOptions,
  folder: string,
): Promise<number> {
  const { minutes, sampler, seed, warmup, keepMaps } = options;
  const flags = { '--sampler': sampler, '--seed': seed, '--keep-maps': keepMaps };
  const plan = await decidedPlan(folder, options.resume === true, { ...flags, '--warmup': warmup }, () => ({
    ...flags,
    '--warmup':
      warmup ??
      (minutes === undefined ? SAMPLERS[sampler].defaultWarmup : timedWarmup(setup, options, minutes)),
  }));
  return plan['--warmup'];
}

/** Chains that share the cores cost as much each as one that has them all. */
function timedWarmup(
  setup: InferenceSetup,
  { chains, sampler }: ExplicitCommandOptions,
  minutes: number,
): number {
  const density = wienerDensity(setup.model, setup.prior, setup);
  const lanes = Math.min(chains, setup.threads);
  const seconds = lanes * gradientSeconds(density, setup.key);
  density.dispose();
  return warmupDraws(sampler, minutes / Math.ceil(chains / lanes), seconds);
}

/** What the chains say of the convergence. */
interface ExplicitMaps {
  readonly mean: NdArray<Float32Array>;
  readonly kept: KeptMaps | undefined;
  readonly sd: NdArray<Float32Array> | undefined;
}

async function explicitReport(
  setup: InferenceSetup,
  options: ExplicitCommandOptions,
  result: ExplicitResult,
  { numWarmup, mean, kept, sd }: ExplicitMaps & { readonly numWarmup: number },
): Promise<ReportData> {
  const { survey, parity, prior, observation, model, kernels, inputFiles } = setup;
  const { parameters } = summaryOf(result.names, pooledDraws(result.chains));
  const theta = prior.complete(parameters.map((p) => p.mean));
  return {
    title: 'Explicit full-field inference',
    summary: `Posterior of ${options.observation}: ${options.sampler.toUpperCase()} over ${prior.names.length} parameters and ${observation.data.length} latent pixels.`,
    run: await runRecord('infer explicit', { ...options }, kernels, inputFiles),
    parameters: parametersReport(prior),
    survey: surveyReport(survey, parity),
    observation: {
      ...observationReport(survey, observation, options.observation),
      reconstruction: { mean, ...(sd && { sd }) },
    },
    spectra: {
      ...spectraOf(model, setup, [{ label: 'theory at the posterior mean', theta }]),
      ...(kept && { bands: posteriorSpectra(kept) }),
    },
    onePoint: onePointOf(survey, setup),
    posteriors: [explicitPosterior(result)],
    convergence: [explicitConvergence(result, numWarmup)],
    costs: explicitCosts(result),
  };
}
