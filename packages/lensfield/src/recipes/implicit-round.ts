import type { MapStatistics } from '@lensfield/compressors';
import type { NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { noiseStandardDeviations } from '@lensfield/lognormal';
import {
  type DirectPosterior,
  type NpeResult,
  type NpeState,
  npe,
  type ObservedPosterior,
  type SimulationSet,
} from '@lensfield/sbi';
import type { TrainedCompression } from './compression/compression.ts';
import { convolutionalCompression } from './compression/convolutional-compression.ts';
import { compressByFieldScore } from './compression/field-score-compression.ts';
import { compressByScore } from './compression/score-compression.ts';
import { statisticsCompression } from './compression/statistics-compression.ts';
import { mapShapeOf } from './compression/survey-statistics.ts';
import type { ImplicitOptions } from './implicit.ts';
import { type SimulationTally, simulatePrior, sumOfTallies } from './prior-simulations.ts';
import { followTraining } from './training-progress.ts';

/** What is trained where no earlier round says where the posterior is. */
const NETWORKS = {
  field: statisticsCompression,
  statistics: statisticsCompression,
  convolutional: convolutionalCompression,
};

export type CompressorName = keyof typeof NETWORKS;
export const COMPRESSOR_NAMES = Object.keys(NETWORKS) as readonly CompressorName[];

/** What a round takes of the options; the prior may be a part of theirs. */
export interface RoundOptions extends Omit<ImplicitOptions, 'numSamples' | 'rounds'> {
  /** In front of what the progress bars say. */
  readonly title: string;
  readonly statistics: MapStatistics;
  /** The posterior of the round before. */
  readonly earlier?: DirectPosterior;
}

/** One round: simulations, a compressor and an estimator of its own, and the posterior of the observation. */
export interface ImplicitRound {
  readonly simulations: SimulationTally;
  readonly compression: TrainedCompression;
  readonly estimation: Extract<NpeResult, { stopped: 'finished' }> & { readonly seconds: number };
  readonly posterior: ObservedPosterior;
  /** Share of the prior that this round simulates: 1 in the first. */
  readonly priorMass: number;
}

/** Folds of the key. */
const COMPRESSOR_MAPS = 0;
const COMPRESSOR = 1;
const ESTIMATOR_MAPS = 2;
const SUMMARIES = 3;
const ESTIMATOR = 4;

/** Share of the simulations that train the compressor; the others, which it has not seen, train and test the estimator. */
const COMPRESSOR_SHARE = 0.65;
/** Simulations for the certificate. */
const HELD_OUT_SHARE = 0.05;
const NUM_MEMBERS = 4;
/**
 * Of a member of the estimator, over which its learning rate falls: on 12 000 summaries of LSST-Y10 maps a held-out -log q of 2.40 nats, where a
 * rate that is still high when overfitting sets in leaves 2.44.
 */
const ESTIMATOR_EPOCHS = 20;
/** Name of the estimator's checkpoint. */
const STAGE = 'estimator';

/**
 * Simulates the prior, trains a compressor, trains a density estimator on summaries of maps that the compressor has not seen,
 * tests it on maps that neither has seen, and evaluates it on the observation.
 */
export async function runRound(options: RoundOptions): Promise<ImplicitRound> {
  const { numSimulations, prior } = options;
  const first = await compress(options);
  const second = await summaries(options, first.compression, numSimulations - numTaken(first.simulations));
  const observation = observedSummary(options, first.compression);
  const sets = split(second.set, Math.round(HELD_OUT_SHARE * numSimulations));
  const estimation = await estimate(options, sets, observation);
  return {
    simulations: sumOfTallies([first.simulations, second.simulations]),
    compression: first.compression,
    estimation,
    posterior: estimation.estimator.posteriorFor(observation),
    priorMass: prior.region?.mass ?? 1,
  };
}

const numTaken = ({ numUsed, numFailed }: SimulationTally): number => numUsed + numFailed;

/** A compressor, and the simulations that it took. */
interface Compressed {
  readonly simulations: SimulationTally;
  readonly compression: TrainedCompression;
}

const NO_SIMULATIONS: SimulationTally = { numUsed: 0, numFailed: 0, firstFailure: undefined, seconds: 0 };

/** Fields and statistics are compressed by their score once an earlier round says where; otherwise a network is trained. */
async function compress(options: RoundOptions): Promise<Compressed> {
  const { earlier, compressor } = options;
  const at = { ...options, key: foldIn(options.key, COMPRESSOR) };
  if (earlier && compressor === 'field') {
    return { simulations: NO_SIMULATIONS, compression: compressByFieldScore(at, earlier) };
  }
  if (earlier && compressor === 'statistics') return compressByScore(at, earlier);
  return trainNetwork(options, Math.round(COMPRESSOR_SHARE * options.numSimulations));
}

/** Simulates maps and trains a network on them. */
async function trainNetwork(options: RoundOptions, count: number): Promise<Compressed> {
  const { survey, kernels, key } = options;
  const compression = NETWORKS[options.compressor]({
    ...options,
    mapShape: mapShapeOf(survey),
    numMaps: count,
    noiseSd: Array.from(noiseStandardDeviations(survey)),
    key: foldIn(key, COMPRESSOR),
  });
  const simulations = await simulatePrior({
    ...options,
    key: foldIn(key, COMPRESSOR_MAPS),
    count,
    purpose: `${options.title}maps to compress`,
    backend: kernels.backend,
    onMap: compression.add,
  });
  return { simulations, compression: await compression.train(simulations.theta) };
}

/** Simulates maps that the compressor has not seen and keeps their summaries. */
function summaries(options: RoundOptions, compression: TrainedCompression, count: number) {
  const { kernels, key, title } = options;
  const request = {
    ...options,
    key: foldIn(key, ESTIMATOR_MAPS),
    count,
    purpose: `${title}maps to learn from`,
    backend: kernels.backend,
  };
  return compression.simulateSummaries(request, foldIn(key, SUMMARIES));
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

async function estimate(
  { prior, key, signal, progress, checkpoints, title, kernels }: RoundOptions,
  sets: { readonly training: SimulationSet; readonly heldOut: SimulationSet },
  observation: Float32Array,
) {
  const resume = (await checkpoints.load(STAGE)) as NpeState | undefined;
  const { result, seconds } = await followTraining(
    npe({
      ...sets.training,
      heldOut: sets.heldOut,
      prior,
      key: foldIn(key, ESTIMATOR),
      numMembers: NUM_MEMBERS,
      training: { maxEpochs: ESTIMATOR_EPOCHS },
      certification: { local: { observation, kernels } },
      ...(signal && { signal }),
      ...(resume && { resume }),
    }),
    {
      progress,
      checkpoints,
      stage: STAGE,
      title: `${title}estimator (NPE)`,
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

function observedSummary({ observation }: RoundOptions, { compressor }: TrainedCompression): Float32Array {
  const { shape, data } = observation;
  return compressor.summarize({ shape: [1, ...shape], data: data.slice() }).data;
}
