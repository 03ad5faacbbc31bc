import {
  type BandPowers,
  bandPowerFeatures,
  type CompressorLoss,
  type CompressorTrainingResult,
  type ConvolutionalNetwork,
  createCompressor,
  createConvolutionalNetwork,
  type MapSet,
  type NoiseModel,
  noisyBatches,
  trainCompressor,
  type VariationalHead,
} from '@lensfield/compressors';
import type { Compressor, Key, NdArray } from '@lensfield/contracts';
import { createRealNvp, identityStandardisation, initFlow, logProbTensor } from '@lensfield/flows';
import { fillNormal, foldIn, type Kernels } from '@lensfield/kernels';
import type { JointPrior } from '@lensfield/sbi';
import type { TrainingState } from '@lensfield/tensors';
import type { Progress } from '../command-line/progress.ts';
import type { CheckpointStore } from '../run/checkpoint-store.ts';
import { followTraining } from './training-progress.ts';

export interface CompressionOptions {
  readonly kernels: Kernels;
  readonly prior: JointPrior;
  /** Noiseless maps, and the free parameters behind them, [n, d]. */
  readonly maps: MapSet;
  readonly theta: NdArray<Float64Array>;
  /** Per pixel of these maps, [bins]. */
  readonly noiseSd: readonly number[];
  readonly loss: 'vmim' | 'mse';
  readonly epochs: number;
  readonly key: Key;
  readonly signal?: AbortSignal;
  readonly progress: Progress;
  readonly checkpoints: CheckpointStore;
}

export interface TrainedCompression {
  readonly network: ConvolutionalNetwork;
  readonly training: CompressorTrainingResult;
  readonly compressor: Compressor;
  readonly noise: NoiseModel;
  readonly seconds: number;
}

/** Name of its checkpoint. */
const STAGE = 'compressor';
const CHANNELS = [32, 64, 64, 128];
const HIDDEN_UNITS = [128];
const NUM_BANDS = 12;
const BATCH_SIZE = 32;
const LEARNING_RATE = 1e-3;
/** Epochs without a better validation loss before the end; the noise of each epoch is new, so a few do not tell. */
const PATIENCE = 12;
const HEAD_LAYERS = 4;
const HEAD_UNITS = [64, 64];

/**
 * Trains a network that turns a noisy map, and its band powers, into one number per parameter. Band powers hold what Gaussian fields
 * hold; the convolutions add what they miss, so few simulations go further than with convolutions alone.
 *
 * Source of hybrid summaries: Makinen et al. (2024), arXiv 2407.18909.
 */
export async function trainCompression(options: CompressionOptions): Promise<TrainedCompression> {
  const { kernels, prior, maps, theta, key, signal } = options;
  const [mapSize, , numBins] = maps.mapShape;
  const bandPowers = bandPowerFeatures({
    kernels,
    mapSize,
    numBins,
    numBands: Math.min(NUM_BANDS, mapSize / 2 - 1),
  });
  const network = networkFor(mapSize, numBins, prior.names.length, bandPowers);
  const noise: NoiseModel = { noiseSd: options.noiseSd, fillNormal: (k, out) => fillNormal(kernels, k, out) };
  const resume = (await options.checkpoints.load(STAGE)) as TrainingState | undefined;
  const { result: training, seconds } = await followTraining(
    trainCompressor({
      network,
      maps,
      targets: unconstrainedTargets(prior, theta),
      noise,
      features: bandPowers.features,
      loss: lossOf(options.loss, foldIn(key, 0), prior.names.length),
      key: foldIn(key, 1),
      batchSize: BATCH_SIZE,
      maxEpochs: options.epochs,
      patience: PATIENCE,
      learningRate: { kind: 'cosine', rate: LEARNING_RATE, warmupSteps: 100 },
      ...(signal && { signal }),
      ...(resume && { resume }),
    }),
    {
      progress: options.progress,
      checkpoints: options.checkpoints,
      stage: STAGE,
      title: `compressor (${options.loss})`,
      numbersOf: (p) => ({ ...p, done: p.step, total: p.maxEpochs * p.stepsPerEpoch }),
    },
  );
  signal?.throwIfAborted();
  const compressor = createCompressor(network, training.parameters, bandPowers.features);
  return { network, training, compressor, noise, seconds };
}

/** Strided convolutions down to about 4 pixels; maps that are small get fewer of them. */
function networkFor(mapSize: number, numBins: number, numSummaries: number, bandPowers: BandPowers) {
  const depth = Math.max(1, Math.min(CHANNELS.length, Math.floor(Math.log2(mapSize)) - 2));
  return createConvolutionalNetwork({
    mapSize,
    numBins,
    numSummaries,
    channels: CHANNELS.slice(0, depth),
    hiddenUnits: HIDDEN_UNITS,
    numFeatures: bandPowers.numFeatures,
  });
}

function lossOf(loss: 'vmim' | 'mse', key: Key, dimension: number): CompressorLoss {
  return loss === 'mse' ? { kind: 'mse' } : { kind: 'vmim', head: flowHead(key, dimension) };
}

/** A flow q(u | summaries) that is trained with the compressor. */
function flowHead(key: Key, dimension: number): VariationalHead {
  const flow = createRealNvp({
    dimension,
    contextDimension: dimension,
    numLayers: HEAD_LAYERS,
    hiddenUnits: HEAD_UNITS,
  });
  const standardisation = identityStandardisation(dimension, dimension);
  return {
    parameters: initFlow(key, flow),
    logProb: (weights, targets, summaries) =>
      logProbTensor(flow, weights, standardisation, targets, summaries),
  };
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

/** Summaries of every map with a draw of noise and of orientation, [numMaps, numSummaries]. */
export function noisySummaries(
  { compressor, noise }: TrainedCompression,
  maps: MapSet,
  key: Key,
  progress: Progress,
): NdArray<Float32Array> {
  const batches = noisyBatches(maps, noise);
  const rows = maps.numMaps;
  const data = new Float32Array(rows * compressor.numSummaries);
  const stage = progress.stage('summaries', rows, 'maps');
  for (let start = 0; start < rows; start += BATCH_SIZE) {
    const count = Math.min(BATCH_SIZE, rows - start);
    const indices = Array.from({ length: count }, (_, i) => start + i);
    const x = { shape: [count, ...maps.mapShape], data: batches.draw(indices, foldIn(key, start)) };
    data.set(compressor.summarize(x).data, start * compressor.numSummaries);
    stage.update(start + count);
  }
  stage.finish();
  return { shape: [rows, compressor.numSummaries], data };
}
