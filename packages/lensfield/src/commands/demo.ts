import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { encodeNpy, writeFileAtomically } from '@lensfield/io';
import { foldIn, keyOf } from '@lensfield/kernels';
import { createLognormalModel, FIDUCIAL_PARAMETERS, surveyPreset } from '@lensfield/lognormal';
import { paperPrior } from '@lensfield/sbi';
import { Command } from 'commander';
import { applyConfigFile } from '../command-line/config-file.ts';
import { withInterrupt } from '../command-line/interrupt.ts';
import { printResult } from '../command-line/print-result.ts';
import { terminalProgress } from '../command-line/progress.ts';
import { type SharedOptions, withSharedOptions } from '../command-line/shared-options.ts';
import { type ExplicitResult, inferExplicit } from '../recipes/explicit.ts';
import { type ImplicitResult, inferImplicit } from '../recipes/implicit.ts';
import { inferSpectra, type SpectraResult } from '../recipes/spectra/infer-spectra.ts';
import type { ReportData } from '../report/report-data.ts';
import { pooledDraws } from '../results/chain-draws.ts';
import {
  explicitConvergence,
  explicitCosts,
  explicitPosterior,
  explicitSummary,
  reconstruction,
} from '../results/explicit-results.ts';
import {
  implicitCalibration,
  implicitCosts,
  implicitNotes,
  implicitPosterior,
  implicitTrainings,
} from '../results/implicit-results.ts';
import { keptMaps, standardDeviationMap } from '../results/kept-maps.ts';
import { onePointOf, spectraOf } from '../results/map-figures.ts';
import { SPECTRA_POSTERIOR_FILE, writePosterior, writePosteriorFile } from '../results/posterior-file.ts';
import { posteriorSpectra } from '../results/posterior-spectra.ts';
import { spectraSummary, withBaseline } from '../results/spectra-results.ts';
import { observationReport, parametersReport, surveyReport } from '../results/survey-report.ts';
import { writeJson, writeReport } from '../results/write-run.ts';
import { noCheckpoints } from '../run/checkpoint-store.ts';
import { checkOutputFolder, createOutputFolder } from '../run/output-folder.ts';
import { runRecord } from '../run/run-record.ts';
import { implicitSummary } from './infer-implicit.ts';
import { tensorKernels } from './inference-setup.ts';
import { comparisonsOf } from './report.ts';

/** Sizes that give both posteriors in a few minutes on two cores. */
const SIMULATIONS = 12_000;
const EPOCHS = 20;
const IMPLICIT_SAMPLES = 10_000;
const CHAINS = 4;
const WARMUP = 300;
const KEPT_MAPS = 64;
const EXPLICIT_SAMPLES = 1500;
const SPECTRA_CHAINS = { numChains: 2, numWarmup: 200, untilEss: 500, mostSamples: 1600 };

/** Folds of the seed's key. */
const OBSERVATION = 0;
const IMPLICIT = 1;
const EXPLICIT = 2;
const SPECTRA = 3;

export function demoCommand(): Command {
  const command = new Command('demo').description(
    'the whole chain on a small simulated survey: one map, two posteriors, one report',
  );
  return withSharedOptions(command, 'lensfield-demo').action(async (_, self: Command) => {
    await applyConfigFile(self);
    await runDemo(self.opts<SharedOptions>());
  });
}

async function runDemo(options: SharedOptions): Promise<void> {
  await checkOutputFolder(options.out);
  const threads = options.threads ?? availableParallelism();
  const key = keyOf(options.seed);
  const setup = await demoSetup(options, threads);
  const progress = terminalProgress();
  progress.note(
    `lensfield demo: a ${setup.survey.mapSize} x ${setup.survey.mapSize} map in ${setup.model.numBins} bins, ${setup.kernels.backend} kernels, ${threads} cores`,
  );
  const results = await withInterrupt('Run it again.', async (signal) => {
    const shared = { ...setup, progress, signal };
    const spectra = await inferSpectra({ ...shared, key: foldIn(key, SPECTRA), threads, ...SPECTRA_CHAINS });
    const implicit = await inferImplicit({
      ...shared,
      key: foldIn(key, IMPLICIT),
      numSimulations: SIMULATIONS,
      rounds: 2,
      compressor: 'field',
      loss: 'vmim',
      epochs: EPOCHS,
      numSamples: IMPLICIT_SAMPLES,
      workers: threads,
      checkpoints: noCheckpoints,
    });
    const explicit = await inferExplicit({
      ...shared,
      key: foldIn(key, EXPLICIT),
      backend: setup.kernels.backend,
      threads,
      sampler: 'hmc',
      numChains: CHAINS,
      numWarmup: WARMUP,
      numSamples: EXPLICIT_SAMPLES,
      keepMaps: KEPT_MAPS,
    });
    return { spectra, implicit, explicit };
  });
  await writeDemo(options, await demoReport(options, setup, results), results);
}

type DemoSetup = Awaited<ReturnType<typeof demoSetup>>;

/** A map simulated at the fiducial parameters, as if it had been observed. */
async function demoSetup(options: SharedOptions, threads: number) {
  const kernels = await tensorKernels(threads);
  const survey = surveyPreset('lsst-y10-demo');
  const model = createLognormalModel({ survey, kernels });
  const key = foldIn(keyOf(options.seed), OBSERVATION);
  const truth = FIDUCIAL_PARAMETERS;
  const theta = Float64Array.from(model.parameterNames, (name) => truth[name as keyof typeof truth]);
  return {
    survey,
    parity: 'none' as const,
    prior: paperPrior(),
    kernels,
    model,
    truth,
    theta,
    observation: model.simulate(key, theta).x,
    convergence: model.simulateConvergence(key, theta).x,
  };
}

interface DemoResults {
  readonly spectra: SpectraResult;
  readonly implicit: ImplicitResult;
  readonly explicit: ExplicitResult;
}

async function demoReport(
  options: SharedOptions,
  setup: DemoSetup,
  { spectra, implicit, explicit }: DemoResults,
): Promise<ReportData> {
  const { survey, parity, prior, model, truth, theta, observation, convergence, kernels } = setup;
  const posteriors = [explicitPosterior(explicit), implicitPosterior(implicit)];
  const kept = keptMaps(model, prior, setup, explicit)!;
  const report: ReportData = {
    title: 'lensfield demo: one map, two posteriors',
    summary:
      'A simulated tomographic lensing map, analysed twice: by sampling cosmology and every latent pixel together (explicit), and by simulations, a trained compressor and a density estimator (implicit). Both should agree, and say more than its power spectra alone.',
    run: await runRecord('demo', { ...options }, kernels, []),
    parameters: parametersReport(prior, truth),
    survey: surveyReport(survey, parity),
    observation: {
      ...observationReport(survey, observation, `simulated with seed ${options.seed}`),
      convergence,
      reconstruction: {
        mean: reconstruction(model, prior, setup, explicit),
        sd: standardDeviationMap(kept)!,
      },
    },
    spectra: {
      ...spectraOf(model, { observation }, [{ label: 'theory at the truth', theta }]),
      bands: posteriorSpectra(kept),
    },
    onePoint: onePointOf(survey, { observation }),
    posteriors,
    comparisons: comparisonsOf(kernels, posteriors, options.seed),
    convergence: [explicitConvergence(explicit, WARMUP)],
    calibrations: [implicitCalibration(implicit)],
    trainings: implicitTrainings(implicit, 'vmim'),
    costs: [...implicitCosts(implicit), ...explicitCosts(explicit)],
    notes: implicitNotes(implicit),
  };
  return withBaseline(report, spectra);
}

async function writeDemo(
  options: SharedOptions,
  report: ReportData,
  { spectra, implicit, explicit }: DemoResults,
): Promise<void> {
  const { out } = options;
  await createOutputFolder(join(out, 'implicit'));
  await createOutputFolder(join(out, 'explicit'));
  await writePosterior(join(out, 'implicit'), implicit.names, implicit.samples, implicit.logProb);
  await writePosterior(join(out, 'explicit'), explicit.names, pooledDraws(explicit.chains));
  await writePosteriorFile(join(out, SPECTRA_POSTERIOR_FILE), spectra.names, pooledDraws(spectra.chains));
  const { shape, data } = report.observation!.maps;
  await writeFileAtomically(
    join(out, 'observation.npy'),
    encodeNpy({ shape, data: Float32Array.from(data) }),
  );
  const summary = {
    implicit: implicitSummary(implicit),
    explicit: explicitSummary(explicit, WARMUP),
    spectra: spectraSummary(spectra),
  };
  await writeJson(join(out, 'summary.json'), summary);
  await writeJson(join(out, 'run.json'), report.run);
  await writeReport(out, report);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  else {
    printResult({ out: join(out, 'implicit') }, summary.implicit);
    printResult({ out: join(out, 'explicit') }, summary.explicit);
    process.stdout.write(`open ${resolve(out, 'report.html')}\n`);
  }
}
