import { foldIn } from '@lensfield/kernels';
import { type ParameterTree, pickRows, tensorsOf, tf } from '@lensfield/tensors';
import type { CompressorTrainingOptions } from './compressor-training.ts';
import { type ConvolutionalNetwork, numPooled } from './convolutional-network.ts';
import { type FeatureMoments, momentsOf, standardisedBy } from './feature-standardisation.ts';
import { type FeatureWhitening, whitened, whiteningOf } from './feature-whitening.ts';
import { summaryOf } from './forward.ts';
import type { VariationalHead } from './losses.ts';
import { regressionStart } from './regression-start.ts';
import type { MeasuredFeatures, TrainingInputs } from './training-inputs.ts';

/** Where a training starts, all of it a function of options and data. */
export interface TrainingStart {
  readonly weights: ParameterTree;
  readonly pooledMoments: FeatureMoments;
  readonly whitening: FeatureWhitening;
  /** For VMIM. */
  readonly head: VariationalHead | undefined;
}

/** Fold of the key. */
const START = 5;

/** Measures features of the first training maps, and regresses the targets on them. */
export async function startOf(
  options: CompressorTrainingOptions,
  inputs: TrainingInputs,
  trainingRows: Int32Array,
): Promise<TrainingStart> {
  const { network, targets, key, loss, numStartMaps = 4096 } = options;
  const few = trainingRows.subarray(0, numStartMaps);
  const initial = options.initial ?? inputs.initialWeights(few, key);
  const measured = inputs.measure(initial, few, foldIn(key, START));
  const pooledMoments = momentsOf(measured.pooled, numPooled(network));
  const whitening = whiteningOf(measured.given, network.numFeatures);
  const features = standardFeatures(network, measured, pooledMoments, whitening);
  const own = pickRows(targets, measured.rows);
  const weights = options.initial ?? regressionStart(network, initial, features, own);
  const start = { weights, pooledMoments, whitening };
  if (loss.kind === 'mse') return { ...start, head: undefined };
  if (typeof loss.head !== 'function') return { ...start, head: loss.head };
  const n = measured.rows.length;
  const summaries = valuesOf(() =>
    summaryOf(network, tensorsOf(weights), tf.tensor2d(features, [n, features.length / n])),
  );
  return { ...start, head: await loss.head({ shape: [n, network.numSummaries], data: summaries }, own) };
}

/** Pooled and given features, standardised, side by side: [n, numPooled + numFeatures]. */
function standardFeatures(
  network: ConvolutionalNetwork,
  { rows, pooled, given }: MeasuredFeatures,
  moments: FeatureMoments,
  whitening: FeatureWhitening,
): Float32Array {
  return valuesOf(() => {
    const parts: tf.Tensor2D[] = [];
    const width = numPooled(network);
    if (width > 0) parts.push(standardisedBy(moments, tf.tensor2d(pooled.slice(), [rows.length, width])));
    if (network.numFeatures > 0) {
      parts.push(whitened(whitening, tf.tensor2d(given.slice(), [rows.length, network.numFeatures])));
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
