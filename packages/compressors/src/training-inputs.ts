import type { Key } from '@lensfield/contracts';
import type { Minibatch, ParameterTree, TensorTree, tf } from '@lensfield/tensors';

/** Where the features of a training come from: maps with noise drawn for every step, or a bank that was measured before. */
export interface TrainingInputs {
  readonly numMaps: number;
  /** By which each bin of a map is divided, [numBins]. */
  readonly inputSd: Float32Array;
  /** Weights of a fresh network, scaled to these maps. */
  initialWeights(rows: Int32Array, key: Key): ParameterTree;
  /** Features of training maps under the network as it is, before any standardisation. */
  measure(weights: ParameterTree, rows: Int32Array, key: Key): MeasuredFeatures;
  /** Arrays of one batch, drawn outside the tape. */
  draw(batch: Minibatch): ParameterTree;
  /** Features of a batch that was drawn; to be called inside a tape. */
  features(weights: TensorTree, drawn: TensorTree): BatchFeatures;
}

/** Features of noisy maps, and the row of each: a bank gives every map several times. */
export interface MeasuredFeatures {
  readonly rows: Int32Array;
  /** [rows, numPooled] and [rows, numFeatures]; empty where the network has none. */
  readonly pooled: Float32Array;
  readonly given: Float32Array;
}

/** The same as tensors; absent where the network has none. */
export interface BatchFeatures {
  readonly pooled?: tf.Tensor2D;
  readonly given?: tf.Tensor2D;
}
