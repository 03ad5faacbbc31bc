import { quantisedMaps } from '@lensfield/compressors';
import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, type Kernels } from '@lensfield/kernels';
import { noiseStandardDeviations, type Parity, type Survey } from '@lensfield/lognormal';
import {
  type JointPrior,
  type NpeResult,
  type NpeState,
  npe,
  type ObservedPosterior,
  type SimulationSet,
} from '@lensfield/sbi';
import type { Progress } from '../command-line/progress.ts';
import type { CheckpointStore } from '../run/checkpoint-store.ts';
import { noisySummarizer, type TrainedCompression, trainCompression } from './map-compression.ts';
import { type PriorSimulations, simulatePrior } from './prior-simulations.ts';
import { followTraining } from './training-progress.ts';

export interface ImplicitOptions {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: JointPrior;
  readonly observation: NdArray<Float32Array>;
  readonly key: Key;
  readonly numSimulations: number;
  readonly loss: 'vmim' | 'mse';
  readonly epochs: number;
  /** Draws of the posterior. */
  readonly numSamples: number;
  /** The kernels behind the tensors. */
  readonly kernels: Kernels;
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly progress: Progress;
  readonly checkpoints: CheckpointStore;
}

export interface ImplicitResult {
  readonly names: readonly string[];
  /** Draws, [numSamples, parameters]. */
  readonly samples: NdArray<Float32Array>;
  readonly logProb: Float64Array;
  readonly posterior: ObservedPosterior;
  readonly simulations: Pick<PriorSimulations, 'numFailed' | 'firstFailure' | 'seconds'> & {
    readonly numUsed: number;
  };
  readonly compression: TrainedCompression;
  readonly estimation: Extract<NpeResult, { stopped: 'finished' }> & { readonly seconds: number };
}

/** Folds of the key. */
const COMPRESSOR_MAPS = 0;
const COMPRESSOR = 1;
const ESTIMATOR_MAPS = 2;
const SUMMARIES = 3;
const ESTIMATOR = 4;
const SAMPLES = 5;

/** Share of the simulations that train the compressor; the others, which it has not seen, train and test the estimator. */
const COMPRESSOR_SHARE = 0.5;
/** Simulations for SBC and TARP. */
const HELD_OUT_SHARE = 0.05;
const NUM_MEMBERS = 4;
/** Name of the estimator's checkpoint. */
const STAGE = 'estimator';
export const FEWEST_SIMULATIONS = 400;

/**
 * Implicit full-field inference: simulates the prior, trains a compressor, trains a density estimator on summaries of maps that the
 * compressor has not seen, tests it on maps that neither has seen, and evaluates it on the observation.
 */
export async function inferImplicit(options: ImplicitOptions): Promise<ImplicitResult> {
  const { prior, key, numSimulations } = options;
  requireSimulations(numSimulations);
  const numForCompressor = Math.round(COMPRESSOR_SHARE * numSimulations);
  const first = await compress(options, numForCompressor);
  const second = await summaries(options, first.compression, numSimulations - numForCompressor);
  const estimation = await estimate(options, split(second.set, Math.round(HELD_OUT_SHARE * numSimulations)));
  const posterior = estimation.estimator.posteriorFor(observedSummary(options, first.compression));
  const samples = posterior.sample(foldIn(key, SAMPLES), options.numSamples);
  const parts = [first.simulations, second.simulations];
  return {
    names: prior.names,
    samples,
    logProb: posterior.logProbMany(samples),
    posterior,
    simulations: {
      numUsed: parts.reduce((sum, { theta }) => sum + theta.shape[0]!, 0),
      numFailed: parts.reduce((sum, { numFailed }) => sum + numFailed, 0),
      firstFailure: parts.find(({ firstFailure }) => firstFailure !== undefined)?.firstFailure,
      seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    },
    compression: first.compression,
    estimation,
  };
}

/** Simulates maps, keeps them in memory (16 bits a pixel), and trains the compressor on them. */
async function compress(options: ImplicitOptions, count: number) {
  const { survey, kernels, key } = options;
  const shape = [survey.mapSize, survey.mapSize, survey.galaxiesPerArcmin2.length] as const;
  const maps = quantisedMaps(count, shape);
  const simulations = await simulatePrior({
    ...options,
    key: foldIn(key, COMPRESSOR_MAPS),
    count,
    purpose: 'maps to compress',
    backend: kernels.backend,
    onMap: (map, index) => maps.write(index, map),
  });
  const compression = await trainCompression({
    ...options,
    maps: { ...maps, numMaps: simulations.theta.shape[0]! },
    theta: simulations.theta,
    noiseSd: Array.from(noiseStandardDeviations(survey)),
    key: foldIn(key, COMPRESSOR),
  });
  return { simulations, compression };
}

/** Simulates maps that the compressor has not seen and keeps their summaries. */
async function summaries(options: ImplicitOptions, compression: TrainedCompression, count: number) {
  const { kernels, key } = options;
  const summarizer = noisySummarizer(compression, foldIn(key, SUMMARIES));
  const simulations = await simulatePrior({
    ...options,
    key: foldIn(key, ESTIMATOR_MAPS),
    count,
    purpose: 'maps to learn from',
    backend: kernels.backend,
    onMap: (map) => summarizer.add(map),
  });
  const set: SimulationSet = { theta: simulations.theta, summaries: summarizer.finish() };
  return { simulations, set };
}

/** The last `numHeldOut` rows are for calibration. */
function split(set: SimulationSet, numHeldOut: number): { training: SimulationSet; heldOut: SimulationSet } {
  const total = set.theta.shape[0]!;
  const rows = <T extends Float32Array | Float64Array>(
    { shape, data }: NdArray<T>,
    start: number,
    end: number,
  ) => ({
    shape: [end - start, shape[1]!],
    data: data.slice(start * shape[1]!, end * shape[1]!) as T,
  });
  const part = (start: number, end: number): SimulationSet => ({
    theta: rows(set.theta as NdArray<Float64Array>, start, end),
    summaries: rows(set.summaries, start, end),
  });
  return { training: part(0, total - numHeldOut), heldOut: part(total - numHeldOut, total) };
}

function requireSimulations(numSimulations: number): void {
  if (numSimulations >= FEWEST_SIMULATIONS) return;
  throw new InvalidArgumentError(
    '--simulations',
    `--simulations must be at least ${FEWEST_SIMULATIONS}: they train a compressor and an estimator and test both; got ${numSimulations}.`,
  );
}

async function estimate(
  { prior, key, signal, progress, checkpoints }: ImplicitOptions,
  sets: { readonly training: SimulationSet; readonly heldOut: SimulationSet },
) {
  const resume = (await checkpoints.load(STAGE)) as NpeState | undefined;
  const { result, seconds } = await followTraining(
    npe({
      ...sets.training,
      heldOut: sets.heldOut,
      prior,
      key: foldIn(key, ESTIMATOR),
      numMembers: NUM_MEMBERS,
      ...(signal && { signal }),
      ...(resume && { resume }),
    }),
    {
      progress,
      checkpoints,
      stage: STAGE,
      title: 'estimator (NPE)',
      numbersOf: (p) => ({
        ...p,
        done: p.member * p.maxEpochs * p.stepsPerEpoch + p.step,
        total: p.numMembers * p.maxEpochs * p.stepsPerEpoch,
      }),
    },
  );
  if (result.stopped !== 'finished') throw signal!.reason;
  return { ...result, seconds };
}

function observedSummary({ observation }: ImplicitOptions, { compressor }: TrainedCompression): Float32Array {
  const { shape, data } = observation;
  return compressor.summarize({ shape: [1, ...shape], data: data.slice() }).data;
}
