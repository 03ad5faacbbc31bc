import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { type ParameterTree, tensorsOf, tf } from '@lensfield/tensors';
import { scaledImages } from './compressor.ts';
import { numPooled } from './convolutional-network.ts';
import { initialiseByData } from './data-initialisation.ts';
import type { FeatureBank } from './feature-bank.ts';
import { type FeatureSource, type RawFeatures, rawFeatures } from './feature-source.ts';
import { type FeatureMoments, momentsOf, standardisedBy } from './feature-standardisation.ts';
import { type FeatureWhitening, whitened, whiteningOf } from './feature-whitening.ts';
import { summaryOf } from './forward.ts';
import { initNetwork } from './initial-weights.ts';
import type { VariationalHead } from './losses.ts';
import { regressionStart } from './regression-start.ts';
import type { CompressorTrainingOptions } from './train-compressor.ts';

/** Where a training starts, all of it a function of options and data. */
export interface TrainingStart {
  readonly weights: ParameterTree;
  readonly pooledMoments: FeatureMoments;
  readonly whitening: FeatureWhitening;
  /** For VMIM. */
  readonly head: VariationalHead | undefined;
}

/** Folds of the key. */
const WEIGHTS = 0;
const SCALING = 4;
const START = 5;

/** Maps behind the scaling of the convolutions: pixels are many. */
const MAX_SCALING_MAPS = 32;

/** Scales the convolutions, measures features, and regresses the targets on them. */
export async function startOf(
  options: CompressorTrainingOptions,
  source: FeatureSource,
  trainingRows: Int32Array,
  bank?: FeatureBank,
): Promise<TrainingStart> {
  const { network, targets, key, loss, numStartMaps = 4096 } = options;
  const rows = bank ? repeated(trainingRows, bank.numDraws) : trainingRows.subarray(0, numStartMaps);
  const scaled = options.initial ?? scaledWeights(options, source, rows, key);
  const raw = bank
    ? { pooled: new Float32Array(0), given: everyDraw(bank, trainingRows) }
    : rawFeatures(source, scaled, rows, foldIn(key, START));
  const pooledMoments = momentsOf(raw.pooled, numPooled(network));
  const whitening = whiteningOf(raw.given, network.numFeatures);
  const features = standardFeatures(source, raw, pooledMoments, whitening, rows.length);
  const own = pickRows(targets, rows);
  const weights = options.initial ?? regressionStart(network, scaled, features, own);
  const start = { weights, pooledMoments, whitening };
  if (loss.kind === 'mse') return { ...start, head: undefined };
  if (typeof loss.head !== 'function') return { ...start, head: loss.head };
  const width = features.length / rows.length;
  const summaries = valuesOf(() =>
    summaryOf(network, tensorsOf(weights), tf.tensor2d(features, [rows.length, width])),
  );
  return {
    ...start,
    head: await loss.head({ shape: [rows.length, network.numSummaries], data: summaries }, own),
  };
}

/** The rows again for each draw of a bank, in the order of {@link everyDraw}. */
function repeated(rows: Int32Array, times: number): Int32Array {
  return Int32Array.from({ length: rows.length * times }, (_, i) => rows[i % rows.length]);
}

function everyDraw(bank: FeatureBank, rows: Int32Array): Float32Array {
  const draws = Array.from({ length: bank.numDraws }, (_, draw) => bank.ofDraw(rows, draw));
  const out = new Float32Array(bank.numDraws * draws[0].length);
  draws.forEach((values, draw) => {
    out.set(values, draw * values.length);
  });
  return out;
}

function scaledWeights(
  { network }: CompressorTrainingOptions,
  source: FeatureSource,
  rows: Int32Array,
  key: Key,
): ParameterTree {
  const weights = initNetwork(foldIn(key, WEIGHTS), network);
  if (network.channels.length === 0) return weights;
  const few = rows.subarray(0, MAX_SCALING_MAPS);
  const maps = source.batches.draw(few, foldIn(key, SCALING));
  const images = scaledImages(network, source.inputSd, maps, few.length);
  const initialised = initialiseByData(network, weights, images);
  images.dispose();
  return initialised;
}

/** Pooled and given features, standardised, side by side: [n, numPooled + numFeatures]. */
function standardFeatures(
  { network }: FeatureSource,
  raw: RawFeatures,
  moments: FeatureMoments,
  whitening: FeatureWhitening,
  n: number,
): Float32Array {
  return valuesOf(() => {
    const parts: tf.Tensor2D[] = [];
    const width = numPooled(network);
    if (width > 0) parts.push(standardisedBy(moments, tf.tensor2d(raw.pooled.slice(), [n, width])));
    if (network.numFeatures > 0) {
      parts.push(whitened(whitening, tf.tensor2d(raw.given.slice(), [n, network.numFeatures])));
    }
    return parts.length === 1 ? parts[0] : tf.concat(parts, 1);
  });
}

/** The values of a tensor that `f` computes, without a trace of it. */
function valuesOf(f: () => tf.Tensor): Float32Array {
  const result = tf.tidy(f);
  const values = Float32Array.from(result.dataSync());
  result.dispose();
  return values;
}

function pickRows({ shape, data }: NdArray<Float32Array>, rows: Int32Array): NdArray<Float32Array> {
  const width = shape[1];
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    out.set(data.subarray(row * width, (row + 1) * width), i * width);
  });
  return { shape: [rows.length, width], data: out };
}
