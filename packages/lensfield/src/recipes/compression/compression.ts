import type {
  CompressorLoss,
  CompressorTrainingOptions,
  CompressorTrainingResult,
  ConvolutionalNetwork,
  MapFeatures,
  MapShape,
  MapStatistics,
  NoiseModel,
} from '@lensfield/compressors';
import { createCompressor, toArrays } from '@lensfield/compressors';
import type { Compressor, Key, NdArray } from '@lensfield/contracts';
import { fillNormal, foldIn, type Kernels } from '@lensfield/kernels';
import type { JointPrior, SimulationSet } from '@lensfield/sbi';
import type { ParameterTree, TrainingProgress, TrainingState } from '@lensfield/tensors';
import type { Progress } from '../../command-line/progress.ts';
import type { CheckpointStore } from '../../run/checkpoint-store.ts';
import type { SimulationOptions, SimulationTally } from '../prior-simulations.ts';
import { followTraining } from '../training-progress.ts';
import { flowHead } from './flow-head.ts';
import { summariesOfMaps } from './noisy-summaries.ts';

export interface CompressionOptions {
  readonly kernels: Kernels;
  readonly prior: JointPrior;
  /** What the maps of the survey are measured by. */
  readonly statistics: MapStatistics;
  readonly mapShape: MapShape;
  /** How many maps there will be. */
  readonly numMaps: number;
  /** Per pixel of these maps, [bins]. */
  readonly noiseSd: readonly number[];
  readonly loss: 'vmim' | 'mse';
  /** In front of what the progress bar says. */
  readonly title: string;
  readonly epochs: number;
  readonly key: Key;
  readonly signal?: AbortSignal;
  readonly progress: Progress;
  readonly checkpoints: CheckpointStore;
}

/** A compressor that takes the maps it learns from one by one, as they are simulated. */
export interface Compression {
  /** Takes a noiseless map, [rows, columns, bins]. */
  add(map: Float32Array, index: number): void;
  /** @param theta  The free parameters behind the maps, [maps, prior.names.length]. */
  train(theta: NdArray<Float64Array>): Promise<TrainedCompression>;
}

export interface TrainedCompression {
  readonly compressor: Compressor;
  /** Simulates the prior and summarises noisy maps; `noiseKey` is for noise that the simulations do not bring. */
  readonly simulateSummaries: (
    request: SimulationOptions & { readonly count: number },
    noiseKey: Key,
  ) => Promise<SummarisedSimulations>;
  /** Loss by epoch; none where the weights have a closed form. */
  readonly training: Pick<CompressorTrainingResult, 'history' | 'bestEpoch'> | undefined;
  /** What goes into a file. */
  readonly weights: { readonly arrays: ParameterTree; readonly metadata: Readonly<Record<string, string>> };
  readonly seconds: number;
}

export interface SummarisedSimulations {
  readonly simulations: SimulationTally;
  readonly set: SimulationSet;
}

/** Name of its checkpoint. */
const STAGE = 'compressor';
const LEARNING_RATE = 1e-3;
const WARMUP_STEPS = 100;

/** Folds of the key. */
const HEAD = 0;
const TRAINING = 1;

/** White noise of a survey's pixels, and the eight symmetries of the square. */
export function noiseModel({
  noiseSd,
  kernels,
}: Pick<CompressionOptions, 'noiseSd' | 'kernels'>): NoiseModel {
  return { noiseSd, fillNormal: (key, out) => fillNormal(kernels, key, out) };
}

/** The same noise without turns, for statistics that do not change when a map is turned. */
export function statisticsNoise(options: Parameters<typeof noiseModel>[0]): NoiseModel {
  return { ...noiseModel(options), symmetries: false };
}

/** What is particular to one kind of compressor. */
interface CompressorKind {
  readonly network: ConvolutionalNetwork;
  readonly features: MapFeatures;
  readonly noise: NoiseModel;
  readonly start: (
    options: CompressorTrainingOptions,
  ) => AsyncGenerator<TrainingProgress, CompressorTrainingResult>;
  readonly training: Pick<CompressorTrainingOptions, 'batchSize' | 'patience' | 'numStartMaps'>;
}

/** Trains with a progress bar and checkpoints. */
export async function trainCompression(
  options: CompressionOptions,
  kind: CompressorKind,
  theta: NdArray<Float64Array>,
): Promise<TrainedCompression> {
  const { prior, key, signal, progress, checkpoints } = options;
  const { network, features, noise } = kind;
  const resume = (await checkpoints.load(STAGE)) as TrainingState | undefined;
  const { result: training, seconds } = await followTraining(
    kind.start({
      network,
      targets: unconstrainedTargets(prior, theta),
      loss: lossOf(options.loss, foldIn(key, HEAD), prior.names.length),
      key: foldIn(key, TRAINING),
      maxEpochs: options.epochs,
      learningRate: { kind: 'cosine', rate: LEARNING_RATE, warmupSteps: WARMUP_STEPS },
      ...kind.training,
      ...(signal && { signal }),
      ...(resume && { resume }),
    }),
    {
      progress,
      checkpoints,
      stage: STAGE,
      title: `${options.title}compressor (${options.loss})`,
      numbersOf: (p) => ({ ...p, done: p.step, total: p.maxEpochs * p.stepsPerEpoch }),
    },
  );
  signal?.throwIfAborted();
  const compressor = createCompressor(network, training.parameters, features);
  return {
    compressor,
    simulateSummaries: summariesOfMaps({ compressor, mapShape: options.mapShape, noise }),
    training,
    weights: { arrays: toArrays(training.parameters), metadata: { network: JSON.stringify(network) } },
    seconds,
  };
}

function lossOf(loss: 'vmim' | 'mse', key: Key, dimension: number): CompressorLoss {
  return loss === 'mse' ? { kind: 'mse' } : { kind: 'vmim', head: flowHead(key, dimension) };
}

/** Parameters in the prior's standard-normal coordinates. */
function unconstrainedTargets(prior: JointPrior, theta: NdArray<Float64Array>): NdArray<Float32Array> {
  const width = prior.names.length;
  const data = new Float32Array(theta.data.length);
  for (let start = 0; start < data.length; start += width) {
    data.set(prior.toUnconstrained(theta.data.subarray(start, start + width)), start);
  }
  return { shape: theta.shape, data };
}
