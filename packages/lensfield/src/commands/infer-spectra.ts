import { foldIn } from '@lensfield/kernels';
import { Command, Option } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { withInterrupt } from '../command-line/interrupt.ts';
import { wholeNumber } from '../command-line/option-values.ts';
import { printResult } from '../command-line/print-result.ts';
import { type Progress, terminalProgress } from '../command-line/progress.ts';
import { inferSpectra, SPECTRA_CHAINS, type SpectraResult } from '../recipes/spectra/infer-spectra.ts';
import type { ReportData } from '../report/report-data.ts';
import { pooledDraws } from '../results/chain-draws.ts';
import { onePointOf, spectraOf } from '../results/map-figures.ts';
import {
  spectraConvergence,
  spectraCosts,
  spectraPosterior,
  spectraSummary,
} from '../results/spectra-results.ts';
import { observationReport, parametersReport, surveyReport } from '../results/survey-report.ts';
import { writeRun } from '../results/write-run.ts';
import { createOutputFolder } from '../run/output-folder.ts';
import { runRecord } from '../run/run-record.ts';
import {
  type InferenceSetup,
  type MapOptions,
  type NoiseOptions,
  noiseOption,
  setUpInference,
  withMapOptions,
} from './inference-setup.ts';

interface SpectraCommandOptions extends MapOptions, NoiseOptions {
  readonly chains: number;
  readonly warmup: number;
  readonly untilEss: number;
  readonly samples: number;
}

/** Fold of the key of a run, beside those of its chains. */
const BASELINE = 2;

export function inferSpectraCommand(): Command {
  const { numChains, numWarmup, untilEss, mostSamples } = SPECTRA_CHAINS;
  const command = new Command('spectra').description(
    'sample cosmology by the power spectra of one map alone: the baseline of full-field inference',
  );
  return withMapOptions(command, 'lensfield-spectra')
    .addOption(noiseOption())
    .addOption(new Option('--chains <n>', 'chains').argParser(wholeNumber('--chains', 1)).default(numChains))
    .addOption(
      new Option('--warmup <n>', 'draws of warm-up per chain')
        .argParser(wholeNumber('--warmup', 0))
        .default(numWarmup),
    )
    .addOption(
      new Option('--until-ess <n>', 'end when every parameter has n effective draws')
        .argParser(wholeNumber('--until-ess', 1))
        .default(untilEss),
    )
    .addOption(
      new Option('--samples <n>', 'draws per chain at most')
        .argParser(wholeNumber('--samples', 1))
        .default(mostSamples),
    )
    .action(async (_, self: Command) => {
      await applyConfigFile(self);
      await runSpectra(self.opts<SpectraCommandOptions>());
    });
}

async function runSpectra(options: SpectraCommandOptions): Promise<void> {
  const setup = await setUpInference(options);
  await createOutputFolder(options.out);
  const result = await withInterrupt('Run it again.', (signal) =>
    inferSpectra({
      ...setup,
      numChains: options.chains,
      numWarmup: options.warmup,
      untilEss: options.untilEss,
      mostSamples: options.samples,
      signal,
      progress: terminalProgress(),
    }),
  );
  const summary = spectraSummary(result);
  const report = await spectraReport(setup, options, result);
  await writeRun(options.out, { names: result.names, samples: pooledDraws(result.chains), summary, report });
  printResult(options, summary);
}

/** The baseline of a run of full-field inference on the same map. It shares no random numbers with the chains. */
export function spectraBaseline(
  setup: InferenceSetup,
  run: { readonly untilEss: number; readonly signal: AbortSignal; readonly progress: Progress },
): Promise<SpectraResult> {
  return inferSpectra({ ...setup, ...SPECTRA_CHAINS, ...run, key: foldIn(setup.key, BASELINE) });
}

async function spectraReport(
  setup: InferenceSetup,
  options: SpectraCommandOptions,
  result: SpectraResult,
): Promise<ReportData> {
  const { survey, parity, prior, observation, model, kernels, inputFiles } = setup;
  const theta = prior.complete(result.fit.theta);
  return {
    title: 'Power-spectrum inference',
    summary: `Posterior of ${options.observation} by ${result.numSpectra} band powers of its auto and cross spectra: NUTS over ${prior.names.length} parameters.`,
    run: await runRecord('infer spectra', { ...options }, kernels, inputFiles),
    parameters: parametersReport(prior),
    survey: surveyReport(survey, parity),
    observation: observationReport(survey, observation, options.observation),
    spectra: spectraOf(model, setup, [{ label: 'theory at the most probable parameters', theta }]),
    onePoint: onePointOf(survey, setup),
    posteriors: [spectraPosterior(result)],
    convergence: [spectraConvergence(result)],
    costs: spectraCosts(result),
  };
}
