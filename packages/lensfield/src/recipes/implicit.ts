import { averagePool } from '@lensfield/compressors';
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
import { noisySummaries, type TrainedCompression, trainCompression } from './map-compression.ts';
import {
  type PriorSimulations,
  type SimulationPart,
  simulatePrior,
  simulationRange,
} from './prior-simulations.ts';
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
const SIMULATIONS = 0;
const COMPRESSOR = 1;
const SUMMARIES = 2;
const ESTIMATOR = 3;
const SAMPLES = 4;

/** Widest map that goes into the network: finer pixels are averaged first. */
const LARGEST_MAP = 128;
/** Share of the simulations that train the compressor; the others, which it has not seen, train and test the estimator. */
const COMPRESSOR_SHARE = 0.6;
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
  const { survey, prior, key, numSimulations, progress } = options;
  requireSimulations(numSimulations);
  const pooling = poolingOf(survey.mapSize);
  const noiseSd = Array.from(noiseStandardDeviations(survey), (sd) => sd / pooling);
  const simulations = await simulatePrior({
    ...options,
    key: foldIn(key, SIMULATIONS),
    count: numSimulations,
    pooling,
    backend: options.kernels.backend,
  });
  const { forCompressor, forEstimator, heldOut } = parts(simulations);
  const compression = await trainCompression({
    ...options,
    ...forCompressor,
    noiseSd,
    key: foldIn(key, COMPRESSOR),
  });
  const summaryKey = foldIn(key, SUMMARIES);
  const setOf = ({ maps, theta }: SimulationPart, fold: number): SimulationSet => ({
    theta,
    summaries: noisySummaries(compression, maps, foldIn(summaryKey, fold), progress),
  });
  const estimation = await estimate(options, {
    training: setOf(forEstimator, 0),
    heldOut: setOf(heldOut, 1),
  });
  const posterior = estimation.estimator.posteriorFor(observedSummary(options, compression, pooling));
  const samples = posterior.sample(foldIn(key, SAMPLES), options.numSamples);
  const { numFailed, firstFailure, seconds } = simulations;
  return {
    names: prior.names,
    samples,
    logProb: posterior.logProbMany(samples),
    posterior,
    simulations: { numFailed, firstFailure, seconds, numUsed: simulations.maps.numMaps },
    compression,
    estimation,
  };
}

function requireSimulations(numSimulations: number): void {
  if (numSimulations >= FEWEST_SIMULATIONS) return;
  throw new InvalidArgumentError(
    '--simulations',
    `--simulations must be at least ${FEWEST_SIMULATIONS}: they train a compressor and an estimator and test both; got ${numSimulations}.`,
  );
}

function poolingOf(mapSize: number): number {
  let pooling = 1;
  while (mapSize / pooling > LARGEST_MAP && (mapSize / pooling) % 2 === 0) pooling *= 2;
  return pooling;
}

function parts(simulations: PriorSimulations) {
  const total = simulations.maps.numMaps;
  const compressorEnd = Math.round(COMPRESSOR_SHARE * total);
  const estimatorEnd = total - Math.round(HELD_OUT_SHARE * total);
  return {
    forCompressor: simulationRange(simulations, 0, compressorEnd),
    forEstimator: simulationRange(simulations, compressorEnd, estimatorEnd),
    heldOut: simulationRange(simulations, estimatorEnd, total),
  };
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

function observedSummary(
  { survey, observation }: ImplicitOptions,
  compression: TrainedCompression,
  pooling: number,
) {
  const { mapSize, galaxiesPerArcmin2 } = survey;
  const numBins = galaxiesPerArcmin2.length;
  const pooled = averagePool(observation.data, [mapSize, mapSize, numBins], pooling);
  const size = mapSize / pooling;
  return compression.compressor.summarize({ shape: [1, size, size, numBins], data: pooled }).data;
}
