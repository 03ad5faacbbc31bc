import { join } from 'node:path';
import { toArrays as flowArrays } from '@lensfield/flows';
import { encodeSafetensors, writeFileAtomically } from '@lensfield/io';
import { Command, Option } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { withInterrupt } from '../command-line/interrupt.ts';
import { oneOf, wholeNumber } from '../command-line/option-values.ts';
import { printResult } from '../command-line/print-result.ts';
import { terminalProgress } from '../command-line/progress.ts';
import { FEWEST_SIMULATIONS, type ImplicitResult, inferImplicit } from '../recipes/implicit.ts';
import { COMPRESSOR_NAMES, type CompressorName } from '../recipes/implicit-round.ts';
import type { ReportData } from '../report/report-data.ts';
import {
  implicitCalibration,
  implicitCosts,
  implicitNotes,
  implicitPosterior,
  implicitTrainings,
  lastRound,
  simulationCounts,
} from '../results/implicit-results.ts';
import { onePointOf, spectraOf } from '../results/map-figures.ts';
import { logProbStats, writePosteriorNetcdf } from '../results/posterior-netcdf.ts';
import { summaryOf } from '../results/summary.ts';
import { observationReport, parametersReport, surveyReport } from '../results/survey-report.ts';
import { writeRun } from '../results/write-run.ts';
import { checkpointStore } from '../run/checkpoint-store.ts';
import { createOutputFolder } from '../run/output-folder.ts';
import { runRecord } from '../run/run-record.ts';
import {
  type InferenceOptions,
  type InferenceSetup,
  setUpInference,
  withInferenceOptions,
} from './inference-setup.ts';

export interface ImplicitCommandOptions extends InferenceOptions {
  readonly simulations?: number;
  readonly rounds: number;
  readonly compressor?: CompressorName;
  readonly loss: 'vmim' | 'mse';
  readonly epochs: number;
  readonly samples: number;
}

/** The field's score takes no simulations; a network on statistics keeps no maps, and a step of its training costs next to nothing. */
const SIMULATIONS: Readonly<Record<CompressorName, number>> = {
  field: 20_000,
  statistics: 40_000,
  convolutional: 12_000,
};

export function inferImplicitCommand(): Command {
  const command = new Command('implicit').description(
    'compress maps, estimate the posterior from simulations, calibrate it',
  );
  return withInferenceOptions(command, 'lensfield-implicit')
    .addOption(
      new Option(
        '--simulations <n>',
        `simulations from the prior (default: ${SIMULATIONS.field}, ${SIMULATIONS.statistics} or ${SIMULATIONS.convolutional} by compressor)`,
      ).argParser(wholeNumber('--simulations', FEWEST_SIMULATIONS)),
    )
    .addOption(
      new Option(
        '--rounds <n>',
        '1: an estimator for any observation like the simulations; more: simulate again where the posterior is',
      )
        .argParser(wholeNumber('--rounds', 1))
        .default(2),
    )
    .addOption(
      new Option(
        '--compressor <name>',
        'field: the score of the whole field where the first round, a network on statistics, finds the posterior; statistics: band powers and third moments alone; convolutional: a network on maps and band powers (default: field, or statistics with one round)',
      ).argParser(oneOf('--compressor', COMPRESSOR_NAMES)),
    )
    .addOption(
      new Option('--loss <name>', 'of the compressor: vmim or mse')
        .argParser(oneOf('--loss', ['vmim', 'mse'] as const))
        .default('vmim'),
    )
    .addOption(
      new Option('--epochs <n>', 'of the compressor, at most')
        .argParser(wholeNumber('--epochs', 1))
        .default(30),
    )
    .addOption(
      new Option('--samples <n>', 'draws of the posterior')
        .argParser(wholeNumber('--samples', 100))
        .default(20_000),
    )
    .action(async (_, self: Command) => {
      await applyConfigFile(self);
      await runImplicit(self.opts<ImplicitCommandOptions>());
    });
}

async function runImplicit(options: ImplicitCommandOptions): Promise<void> {
  const setup = await setUpInference(options);
  const progress = terminalProgress();
  const checkpoints = await checkpointStore(join(options.out, 'checkpoint'), options.resume === true);
  const compressor = options.compressor ?? (options.rounds === 1 ? 'statistics' : 'field');
  const result = await withInterrupt('--resume goes on from the last epoch.', (signal) =>
    inferImplicit({
      ...setup,
      numSimulations: options.simulations ?? SIMULATIONS[compressor],
      rounds: options.rounds,
      compressor,
      loss: options.loss,
      epochs: options.epochs,
      numSamples: options.samples,
      workers: setup.threads,
      signal,
      progress,
      checkpoints,
    }),
  );
  const report = await implicitReport(setup, options, result);
  const { names, samples, logProb } = result;
  const summary = implicitSummary(result);
  await createOutputFolder(options.out);
  await writeWeights(options.out, result);
  await writeRun(options.out, { names, samples, logProb, summary, report });
  const oneChain = { shape: [1, ...samples.shape], data: samples.data };
  await writePosteriorNetcdf(options.out, names, oneChain, logProbStats(logProb));
  printResult(options, summary);
}

/** What `summary.json` says. */
export function implicitSummary(result: ImplicitResult) {
  const { verdict, passed, statement, level, numSimulations, tests, controls } =
    lastRound(result).estimation.calibration;
  return {
    method: 'npe',
    ...summaryOf(result.names, result.samples),
    calibration: { verdict, passed, statement, level, numSimulations, tests, controls },
    leakedFraction: result.posterior.leakedFraction,
    simulations: simulationCounts(result),
    rounds: result.rounds.map(({ priorMass }) => ({ priorMass })),
    costs: implicitCosts(result),
    warnings: result.posterior.warnings,
  };
}

async function implicitReport(
  setup: InferenceSetup,
  options: ImplicitCommandOptions,
  result: ImplicitResult,
): Promise<ReportData> {
  const { survey, parity, prior, observation, model, kernels, inputFiles } = setup;
  const mean = Float64Array.from(summaryOf(result.names, result.samples).parameters, (p) => p.mean);
  return {
    title: 'Implicit full-field inference',
    summary: `Posterior of ${options.observation} from ${simulationCounts(result).used} simulations, a trained compressor and neural posterior estimation.`,
    run: await runRecord('infer implicit', { ...options }, kernels, inputFiles),
    parameters: parametersReport(prior),
    survey: surveyReport(survey, parity),
    observation: observationReport(survey, observation, options.observation),
    spectra: spectraOf(model, { observation }, [
      { label: 'theory at the posterior mean', theta: prior.complete(mean) },
    ]),
    onePoint: onePointOf(survey, { observation }),
    posteriors: [implicitPosterior(result)],
    calibrations: [implicitCalibration(result)],
    trainings: implicitTrainings(result, options.loss),
    costs: implicitCosts(result),
    notes: implicitNotes(result),
  };
}

/** Weights of the last round as safetensors, the architectures in their metadata. */
async function writeWeights(folder: string, result: ImplicitResult): Promise<void> {
  const { compression, estimation } = lastRound(result);
  const { arrays: compressorArrays, metadata } = compression.weights;
  await writeFileAtomically(
    join(folder, 'compressor.safetensors'),
    encodeSafetensors(compressorArrays, { metadata }),
  );
  const { flow, members } = estimation.estimator;
  const arrays = members.flatMap((member, i) =>
    Object.entries(flowArrays(member)).map(([name, array]) => [`member${i}/${name}`, array] as const),
  );
  await writeFileAtomically(
    join(folder, 'estimator.safetensors'),
    encodeSafetensors(Object.fromEntries(arrays), { metadata: { flow: JSON.stringify(flow) } }),
  );
}
