import {
  type BandPowers,
  bandPowerFeatures,
  type CompressorLoss,
  type CompressorTrainingResult,
  type ConvolutionalNetwork,
  createCompressor,
  createConvolutionalNetwork,
  type MapSet,
  mapsInMemory,
  type NoiseModel,
  noisyBatches,
  trainCompressor,
  type VariationalHeadFor,
} from '@lensfield/compressors';
import type { Compressor, Key, NdArray } from '@lensfield/contracts';
import { createRealNvp, logProbTensor, trainFlow } from '@lensfield/flows';
import { fillNormal, foldIn, type Kernels } from '@lensfield/kernels';
import type { JointPrior } from '@lensfield/sbi';
import { runTraining, type TrainingState } from '@lensfield/tensors';
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
/** Widest map that goes into the convolutions: finer pixels are averaged first. Band powers see the finest. */
const LARGEST_IMAGE = 128;
/** Bands of the spectra: enough for their shape, few enough for the regression that training starts from. */
const NUM_BANDS = 20;
const BATCH_SIZE = 32;
const LEARNING_RATE = 1e-3;
/** Epochs without a better validation loss before the end; the noise of each epoch is new, so a few do not tell. */
const PATIENCE = 12;
const HEAD_LAYERS = 4;
const HEAD_UNITS = [64, 64];
const HEAD_EPOCHS = 30;
const HEAD_PATIENCE = 8;

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
    numBands: Math.min(NUM_BANDS, Math.max(4, Math.floor(mapSize / 6))),
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
  const firstPooling = poolingOf(mapSize);
  const depth = Math.max(1, Math.min(CHANNELS.length, Math.floor(Math.log2(mapSize / firstPooling)) - 2));
  return createConvolutionalNetwork({
    mapSize,
    numBins,
    numSummaries,
    firstPooling,
    channels: CHANNELS.slice(0, depth),
    hiddenUnits: HIDDEN_UNITS,
    numFeatures: bandPowers.numFeatures,
  });
}

function poolingOf(mapSize: number): number {
  let pooling = 1;
  while (mapSize / pooling > LARGEST_IMAGE && (mapSize / pooling) % 2 === 0) pooling *= 2;
  return pooling;
}

function lossOf(loss: 'vmim' | 'mse', key: Key, dimension: number): CompressorLoss {
  return loss === 'mse' ? { kind: 'mse' } : { kind: 'vmim', head: flowHead(key, dimension) };
}

/** A flow q(u | summaries), fitted to the summaries that training starts from, then trained with the compressor. */
function flowHead(key: Key, dimension: number): VariationalHeadFor {
  const flow = createRealNvp({
    dimension,
    contextDimension: dimension,
    numLayers: HEAD_LAYERS,
    hiddenUnits: HEAD_UNITS,
  });
  return async (summaries, targets) => {
    const { parameters } = await runTraining(
      trainFlow({
        flow,
        y: targets,
        context: summaries,
        key,
        maxEpochs: HEAD_EPOCHS,
        patience: HEAD_PATIENCE,
      }),
    );
    return {
      parameters: parameters.weights,
      logProb: (weights, y, context) => logProbTensor(flow, weights, parameters.standardisation, y, context),
    };
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

/** Turns noiseless maps, as they come, into summaries of noisy ones: noise and orientation are drawn from the key. */
export interface NoisySummarizer {
  add(map: Float32Array): void;
  /** Of all maps so far, [n, numSummaries]. */
  finish(): NdArray<Float32Array>;
}

export function noisySummarizer(
  { compressor, noise, network }: TrainedCompression,
  key: Key,
): NoisySummarizer {
  const shape = [network.mapSize, network.mapSize, network.numBins] as const;
  const length = shape[0] * shape[1] * shape[2];
  const waiting = new Float32Array(BATCH_SIZE * length);
  const parts: Float32Array[] = [];
  let numWaiting = 0;
  const flush = () => {
    if (numWaiting === 0) return;
    const batches = noisyBatches(mapsInMemory(waiting, shape), noise);
    const rows = Array.from({ length: numWaiting }, (_, i) => i);
    const x = { shape: [numWaiting, ...shape], data: batches.draw(rows, foldIn(key, parts.length)) };
    parts.push(compressor.summarize(x).data);
    numWaiting = 0;
  };
  return {
    add(map) {
      waiting.set(map, numWaiting * length);
      if (++numWaiting === BATCH_SIZE) flush();
    },
    finish() {
      flush();
      const { numSummaries } = compressor;
      const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        data.set(part, at);
        at += part.length;
      }
      return { shape: [data.length / numSummaries, numSummaries], data };
    },
  };
}
