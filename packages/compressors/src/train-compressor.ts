import type { NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import {
  type Minibatch,
  type ParameterTree,
  splitRows,
  type TensorTree,
  type TrainingOptions,
  type TrainingProgress,
  type TrainingResult,
  tf,
  train,
} from '@lensfield/tensors';
import { requireTrainingData } from './_training-data-checks.ts';
import { featureTensorValues, type MapFeatures, scaledImages } from './compressor.ts';
import type { CompressorParameters } from './compressor-parameters.ts';
import { type ConvolutionalNetwork, numPooled } from './convolutional-network.ts';
import { type FeatureBank, featureBank } from './feature-bank.ts';
import { type FeatureSource, rawFeatures } from './feature-source.ts';
import { momentsOf, standardisedBy, standardisedByRunning } from './feature-standardisation.ts';
import { type FeatureWhitening, whitened } from './feature-whitening.ts';
import { pooledFeatures, summaryOf } from './forward.ts';
import { type CompressorLoss, mse, type VariationalHead, vmim } from './losses.ts';
import type { MapSet } from './maps/map-set.ts';
import { type NoiseModel, noisyBatches } from './maps/noisy-batch.ts';
import { startOf } from './training-start.ts';

export interface CompressorTrainingOptions extends TrainingOptions {
  readonly network: ConvolutionalNetwork;
  /** Noiseless maps (or noisy ones, with a noise sd of 0). */
  readonly maps: MapSet;
  /** What the summaries are to know, shape [maps.numMaps, numTargets], of order one: unconstrained parameters. */
  readonly targets: NdArray<Float32Array>;
  readonly noise: NoiseModel;
  /** By which each bin is divided. Default: the noise sd. */
  readonly inputSd?: readonly number[];
  readonly loss: CompressorLoss;
  /** Gives the network's `numFeatures` numbers of each noisy map. */
  readonly features?: MapFeatures;
  /**
   * For a network without convolutions: measures the features of every map under so many draws of noise, once, and trains on
   * them. A step then costs next to nothing. Default: fresh noise for every step.
   */
  readonly numFeatureDraws?: number;
  /** Default 0.1. */
  readonly validationFraction?: number;
  /** Weights to start from, as from an earlier training with another loss. Default: fresh ones from the key. */
  readonly initial?: ParameterTree;
  /** Maps behind the start (whitening, regression), and behind the final moments. Default 4096 and 1024. */
  readonly numStartMaps?: number;
  readonly numMomentMaps?: number;
}

export interface CompressorTrainingResult extends Omit<TrainingResult, 'parameters'> {
  /** Of the epoch with the lowest validation loss. */
  readonly parameters: CompressorParameters;
  /** The variational head's, for VMIM. */
  readonly headParameters: ParameterTree;
}

/** Folds of the key; the start has its own. */
const SPLIT = 1;
const TRAINING = 2;
const MOMENTS = 3;
const BANK = 6;

/** Prefix of the variational head's parameters in the training's. */
const HEAD = 'head/';

/**
 * Trains a compressor with Adam and early stopping; each step draws fresh noise and a random symmetry for every map.
 *
 * Fresh weights start as the ridge regression of the targets on the features of the untrained network and the given ones. While
 * training, pooled features are standardised by running moments; afterwards their moments over training maps are measured and
 * kept.
 *
 * @returns An async generator of progress, whose return value has the best parameters and a state that can be resumed to the
 *   same bytes (test/train-compressor.test.ts).
 * @throws {InvalidArgumentError} if shapes do not fit or a target is not finite.
 */
export async function* trainCompressor(
  options: CompressorTrainingOptions,
): AsyncGenerator<TrainingProgress, CompressorTrainingResult> {
  const { network, maps, targets, key, batchSize = 64 } = options;
  const { validationFraction = 0.1, numMomentMaps = 1024 } = options;
  requireTrainingData(options);
  const inputSd = Float32Array.from(options.inputSd ?? options.noise.noiseSd);
  const batches = noisyBatches(maps, options.noise);
  const split = splitRows(foldIn(key, SPLIT), maps.numMaps, validationFraction);
  const source: FeatureSource = { network, batches, inputSd, features: options.features };
  const bank =
    options.numFeatureDraws === undefined
      ? undefined
      : featureBank(source, maps.numMaps, options.numFeatureDraws, foldIn(key, BANK));
  const start = await startOf(options, source, split.training, bank);
  const { head } = start;
  const result = yield* train(
    {
      trainingRows: split.training,
      validationRows: split.validation,
      loss: (tensors, batch) => {
        const summaries = bank
          ? bankSummaries(network, bank, start.whitening, tensors, batch)
          : batchSummaries(source, start.whitening, tensors, batch);
        return lossOf(head, tensors, summaries, pick(targets, batch.rows));
      },
      initialBuffers: { ...start.pooledMoments },
    },
    { ...start.weights, ...prefixed(head?.parameters ?? {}) },
    { ...options, batchSize, key: foldIn(key, TRAINING) },
  );
  const trained = separated(result.parameters);
  const rows = split.training.subarray(0, numMomentMaps);
  const { pooled } = rawFeatures(source, trained.own, rows, foldIn(key, MOMENTS));
  return {
    ...result,
    parameters: {
      weights: trained.own,
      inputSd,
      pooled: momentsOf(pooled, numPooled(network)),
      features: start.whitening,
    },
    headParameters: trained.head,
  };
}

/** Summaries of one batch with fresh noise; to be called inside a tape. */
function batchSummaries(
  { network, batches, inputSd, features }: FeatureSource,
  whitening: FeatureWhitening,
  tensors: TensorTree,
  batch: Minibatch,
): tf.Tensor2D {
  const count = batch.rows.length;
  const maps = batches.draw(batch.rows, batch.key);
  const given = features && featureTensorValues(network, features, maps, count);
  const pooled =
    network.channels.length > 0
      ? pooledFeatures(network, tensors, scaledImages(network, inputSd, maps, count))
      : undefined;
  const parts = [
    ...(pooled ? [standardisedPooled(pooled, batch)] : []),
    ...(given ? [whitened(whitening, tf.tensor2d(given, [count, network.numFeatures]))] : []),
  ];
  return summaryOf(network, tensors, parts.length === 1 ? parts[0] : tf.concat(parts, 1));
}

/** The same from features measured before. */
function bankSummaries(
  network: ConvolutionalNetwork,
  bank: FeatureBank,
  whitening: FeatureWhitening,
  tensors: TensorTree,
  { rows, key }: Minibatch,
): tf.Tensor2D {
  const given = tf.tensor2d(bank.draw(rows, key), [rows.length, network.numFeatures]);
  return summaryOf(network, tensors, whitened(whitening, given));
}

function lossOf(
  head: VariationalHead | undefined,
  tensors: TensorTree,
  summaries: tf.Tensor2D,
  targets: tf.Tensor2D,
): tf.Scalar {
  if (!head) return mse(summaries, targets);
  const headTensors = Object.fromEntries(
    Object.keys(head.parameters).map((name) => [name, tensors[HEAD + name]]),
  );
  return vmim(head, headTensors, summaries, targets);
}

/** Pooled features by the running moments, which a training step moves on. */
function standardisedPooled(pooled: tf.Tensor2D, batch: Minibatch): tf.Tensor2D {
  const { mean, sd } = batch.buffers;
  if (!batch.isTraining) return standardisedBy({ mean, sd }, pooled);
  const { features, moments } = standardisedByRunning(pooled, { mean, sd });
  batch.keepBuffers({ ...moments });
  return features;
}

function prefixed(parameters: ParameterTree): ParameterTree {
  return Object.fromEntries(Object.entries(parameters).map(([name, array]) => [HEAD + name, array]));
}

function separated(parameters: ParameterTree): { own: ParameterTree; head: ParameterTree } {
  const entries = Object.entries(parameters);
  return {
    own: Object.fromEntries(entries.filter(([name]) => !name.startsWith(HEAD))),
    head: Object.fromEntries(
      entries
        .filter(([name]) => name.startsWith(HEAD))
        .map(([name, array]) => [name.slice(HEAD.length), array]),
    ),
  };
}

function pick({ shape, data }: NdArray<Float32Array>, rows: Int32Array): tf.Tensor2D {
  const width = shape[1];
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return tf.tensor2d(out, [rows.length, width]);
}
