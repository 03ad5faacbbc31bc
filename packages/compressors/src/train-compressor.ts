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
import type { ConvolutionalNetwork } from './convolutional-network.ts';
import { initialiseByData } from './data-initialisation.ts';
import { type FeatureSource, givenMoments, pooledMoments } from './feature-source.ts';
import { type FeatureMoments, standardisedBy, standardisedByRunning } from './feature-standardisation.ts';
import { pooledFeatures, summaryOf } from './forward.ts';
import { initNetwork } from './initial-weights.ts';
import { type CompressorLoss, mse, vmim } from './losses.ts';
import type { MapSet } from './maps/map-set.ts';
import { type NoiseModel, noisyBatches } from './maps/noisy-batch.ts';

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
  /** Default 0.1. */
  readonly validationFraction?: number;
  /** Weights to start from, as from an earlier training with another loss. Default: fresh ones from the key. */
  readonly initial?: ParameterTree;
  /** Maps behind the first and the final moments of the pooled features. Default 256 and 1024. */
  readonly numInitialisationMaps?: number;
  readonly numMomentMaps?: number;
}

export interface CompressorTrainingResult extends Omit<TrainingResult, 'parameters'> {
  /** Of the epoch with the lowest validation loss. */
  readonly parameters: CompressorParameters;
  /** The variational head's, for VMIM. */
  readonly headParameters: ParameterTree;
}

/** Folds of the key. */
const WEIGHTS = 0;
const SPLIT = 1;
const TRAINING = 2;
const INITIALISATION = 3;
const FEATURE_MOMENTS = 4;
const POOLED_MOMENTS = 5;

/** Prefix of the variational head's parameters in the training's. */
const HEAD = 'head/';

/**
 * Trains a compressor with Adam and early stopping; each step draws fresh noise and a random symmetry for every map.
 *
 * While training, pooled features are standardised by running moments; afterwards their moments over training maps are
 * measured and kept.
 *
 * @returns An async generator of progress, whose return value has the best parameters and a state that can be resumed to the
 *   same bytes (test/train-compressor.test.ts).
 * @throws {InvalidArgumentError} if shapes do not fit or a target is not finite.
 */
export async function* trainCompressor(
  options: CompressorTrainingOptions,
): AsyncGenerator<TrainingProgress, CompressorTrainingResult> {
  const { network, maps, targets, key, loss, batchSize = 64 } = options;
  const { validationFraction = 0.1, numInitialisationMaps = 256, numMomentMaps = 1024 } = options;
  requireTrainingData(options);
  const inputSd = Float32Array.from(options.inputSd ?? options.noise.noiseSd);
  const batches = noisyBatches(maps, options.noise);
  const split = splitRows(foldIn(key, SPLIT), maps.numMaps, validationFraction);
  const source: FeatureSource = { network, batches, inputSd, features: options.features };
  const featureMoments = givenMoments(source, split.training, foldIn(key, FEATURE_MOMENTS), numMomentMaps);
  const start = options.initial ?? freshWeights(options, source, split.training);
  const initialMoments = pooledMoments(
    source,
    start,
    split.training,
    foldIn(key, INITIALISATION),
    numInitialisationMaps,
  );
  const result = yield* train(
    {
      trainingRows: split.training,
      validationRows: split.validation,
      loss: (tensors, batch) =>
        batchLoss(source, featureMoments, loss, tensors, pick(targets, batch.rows), batch),
      initialBuffers: { ...initialMoments },
    },
    { ...start, ...prefixed(loss.kind === 'vmim' ? loss.head.parameters : {}) },
    { ...options, batchSize, key: foldIn(key, TRAINING) },
  );
  const { own, head } = separated(result.parameters);
  const pooled = pooledMoments(source, own, split.training, foldIn(key, POOLED_MOMENTS), numMomentMaps);
  return {
    ...result,
    parameters: { weights: own, inputSd, pooled, features: featureMoments },
    headParameters: head,
  };
}

/** Loss of one batch with fresh noise; to be called inside a tape. */
function batchLoss(
  source: FeatureSource,
  moments: FeatureMoments,
  loss: CompressorLoss,
  tensors: TensorTree,
  targets: tf.Tensor2D,
  batch: Minibatch,
): tf.Scalar {
  const { network, batches, inputSd, features } = source;
  const { rows } = batch;
  const maps = batches.draw(rows, batch.key);
  const parts: tf.Tensor2D[] = [];
  if (features) {
    const given = featureTensorValues(network, features, maps, rows.length);
    parts.push(standardisedBy(moments, tf.tensor2d(given, [rows.length, network.numFeatures])));
  }
  const pooled = pooledFeatures(network, tensors, scaledImages(network, inputSd, maps, rows.length));
  if (pooled) parts.unshift(standardisedPooled(pooled, batch));
  const summaries = summaryOf(network, tensors, parts.length === 1 ? parts[0] : tf.concat(parts, 1));
  if (loss.kind === 'mse') return mse(summaries, targets);
  const headTensors = Object.fromEntries(
    Object.keys(loss.head.parameters).map((name) => [name, tensors[HEAD + name]]),
  );
  return vmim(loss.head, headTensors, summaries, targets);
}

/** Pooled features by the running moments, which a training step moves on. */
function standardisedPooled(pooled: tf.Tensor2D, batch: Minibatch): tf.Tensor2D {
  const { mean, sd } = batch.buffers;
  if (!batch.isTraining) return standardisedBy({ mean, sd }, pooled);
  const { features, moments } = standardisedByRunning(pooled, { mean, sd });
  batch.keepBuffers({ ...moments });
  return features;
}

/** Maps behind the scaling of the convolutions: pixels are many. */
const MAX_SCALING_MAPS = 32;

function freshWeights(
  options: CompressorTrainingOptions,
  source: FeatureSource,
  trainingRows: Int32Array,
): ParameterTree {
  const { network, key, numInitialisationMaps = 256 } = options;
  const weights = initNetwork(foldIn(key, WEIGHTS), network);
  if (network.channels.length === 0) return weights;
  const rows = trainingRows.subarray(0, Math.min(MAX_SCALING_MAPS, numInitialisationMaps));
  const maps = source.batches.draw(rows, foldIn(key, INITIALISATION));
  const images = scaledImages(network, source.inputSd, maps, rows.length);
  const initialised = initialiseByData(network, weights, images);
  images.dispose();
  return initialised;
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
