import type { NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import {
  type ParameterTree,
  pickRows,
  splitRows,
  type TensorTree,
  type TrainingOptions,
  type TrainingProgress,
  type TrainingResult,
  tf,
  train,
} from '@lensfield/tensors';
import type { CompressorParameters } from './compressor-parameters.ts';
import { type ConvolutionalNetwork, numPooled } from './convolutional-network.ts';
import {
  momentsOf,
  type RunningStandardisation,
  standardisedByRunning,
  standardisedByTensors,
} from './feature-standardisation.ts';
import { whitened } from './feature-whitening.ts';
import { summaryOf } from './forward.ts';
import { type CompressorLoss, mse, type VariationalHead, vmim } from './losses.ts';
import type { TrainingInputs } from './training-inputs.ts';
import { startOf } from './training-start.ts';

/** What every training of a compressor takes, wherever its features come from. */
export interface CompressorTrainingOptions extends TrainingOptions {
  readonly network: ConvolutionalNetwork;
  /** What the summaries are to know, shape [maps, numTargets], of order one: unconstrained parameters. */
  readonly targets: NdArray<Float32Array>;
  readonly loss: CompressorLoss;
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

/** Prefix of the variational head's parameters in the training's. */
const HEAD = 'head/';

/**
 * Adam with early stopping from the ridge regression of the targets on the features of the untrained network and the given ones.
 *
 * While training, pooled features are standardised by running moments; afterwards their moments over training maps are measured
 * and kept.
 */
export async function* trainOn(
  inputs: TrainingInputs,
  options: CompressorTrainingOptions,
): AsyncGenerator<TrainingProgress, CompressorTrainingResult> {
  const { network, targets, key, batchSize = 64 } = options;
  const { validationFraction = 0.1, numMomentMaps = 1024 } = options;
  const split = splitRows(foldIn(key, SPLIT), inputs.numMaps, validationFraction);
  const start = await startOf(options, inputs, split.training);
  const { head } = start;
  const result = yield* train(
    {
      trainingRows: split.training,
      validationRows: split.validation,
      inputs: (batch) => ({ ...inputs.draw(batch), targets: pickRows(targets, batch.rows) }),
      loss: ({ parameters, inputs: drawn, buffers, isTraining }) => {
        const { pooled, given } = inputs.features(parameters, drawn);
        const standard = pooled && standardisedPooled(pooled, buffers, isTraining);
        const features = joined(standard?.features, given && whitened(start.whitening, given));
        const summaries = summaryOf(network, parameters, features);
        return {
          loss: lossOf(head, parameters, summaries, drawn.targets as tf.Tensor2D),
          buffers: { ...standard?.moments },
        };
      },
      initialBuffers: { ...start.pooledMoments },
    },
    { ...start.weights, ...prefixed(head?.parameters ?? {}) },
    { ...options, batchSize, key: foldIn(key, TRAINING) },
  );
  const trained = separated(result.parameters);
  const rows = split.training.subarray(0, numMomentMaps);
  const { pooled } = inputs.measure(trained.own, rows, foldIn(key, MOMENTS));
  return {
    ...result,
    parameters: {
      weights: trained.own,
      inputSd: inputs.inputSd,
      pooled: momentsOf(pooled, numPooled(network)),
      features: start.whitening,
    },
    headParameters: trained.head,
  };
}

/** Pooled and given features of a batch, side by side. */
function joined(pooled: tf.Tensor2D | undefined, given: tf.Tensor2D | undefined): tf.Tensor2D {
  const parts = [pooled, given].filter((part) => part !== undefined);
  return parts.length === 1 ? parts[0] : tf.concat(parts, 1);
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
function standardisedPooled(
  pooled: tf.Tensor2D,
  { mean, sd }: TensorTree,
  isTraining: boolean,
): RunningStandardisation {
  const running = { mean, sd };
  if (isTraining) return standardisedByRunning(pooled, running);
  return { features: standardisedByTensors(pooled, running), moments: running };
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
