import type { NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import {
  type ParameterTree,
  pickRows,
  splitRows,
  type TrainingOptions,
  type TrainingProgress,
  type TrainingResult,
  tf,
  train,
} from '@lensfield/tensors';
import type { Flow } from './flow.ts';
import { type FlowRows, flowLoss, type ScoreTerm } from './flow-loss.ts';
import type { FlowParameters } from './flow-parameters.ts';
import { initFlow } from './initial-weights.ts';
import { type StandardisationKind, standardise } from './standardisation.ts';

export interface FlowTrainingOptions extends TrainingOptions {
  readonly flow: Flow;
  /** Shape [n, dimension]. */
  readonly y: NdArray<Float32Array>;
  /** Shape [n, contextDimension]. */
  readonly context: NdArray<Float32Array>;
  /** Share of the rows that stops the training and is never trained on. Default 0.1. */
  readonly validationFraction?: number;
  /** Default `regression`. */
  readonly standardisation?: StandardisationKind;
  /** Adds known derivatives of the log density to the loss, of training and validation. Default: none. */
  readonly score?: ScoreTerm;
  /** Weights to start from. Default: fresh ones from the key. */
  readonly initial?: ParameterTree;
}

export interface FlowTrainingResult extends Omit<TrainingResult, 'parameters'> {
  /** Of the epoch with the lowest validation loss. */
  readonly parameters: FlowParameters;
}

/** Folds of the key: initial weights, split of the rows, training. */
const WEIGHTS = 0;
const SPLIT = 1;
const TRAINING = 2;

/**
 * Trains a flow by maximum likelihood: minimises the mean of -log q(y | context), in nats, with Adam and early stopping on
 * held-out rows. With `score`, the squared distance of the flow's derivatives from known ones is added.
 *
 * @returns An async generator of progress; its return value has the best parameters and a state that can be resumed to the
 *   same bytes (test/train-flow.test.ts).
 * @throws {InvalidArgumentError} if shapes do not fit, a value is not finite, or a coordinate of y does not vary.
 */
export async function* trainFlow(
  options: FlowTrainingOptions,
): AsyncGenerator<TrainingProgress, FlowTrainingResult> {
  const { flow, y, context, score, key, validationFraction = 0.1 } = options;
  requirePairs(options);
  const standardisation = standardise(y, context, options.standardisation ?? 'regression');
  const { training, validation } = splitRows(foldIn(key, SPLIT), y.shape[0]!, validationFraction);
  const weights = options.initial ?? initFlow(foldIn(key, WEIGHTS), flow);
  const result = yield* train(
    {
      trainingRows: training,
      validationRows: validation,
      inputs: ({ rows }) => ({
        y: pickRows(y, rows),
        context: pickRows(context, rows),
        ...(score && { score: pickRows(score.values, rows) }),
      }),
      loss: ({ parameters, inputs }) =>
        tf.tidy(() => flowLoss(flow, parameters, standardisation, inputs as unknown as FlowRows, score)),
    },
    weights,
    { ...options, key: foldIn(key, TRAINING) },
  );
  return { ...result, parameters: { weights: result.parameters, standardisation } };
}

function requirePairs({ flow, y, context, score }: FlowTrainingOptions): void {
  requireRows('y', y, y.shape[0]!, flow.dimension);
  requireRows('context', context, y.shape[0]!, flow.contextDimension);
  if (!score) return;
  requireRows(
    'score.values',
    score.values,
    y.shape[0]!,
    score.of === 'y' ? flow.dimension : flow.contextDimension,
  );
  if (score.weight > 0 && Number.isFinite(score.weight)) return;
  throw new InvalidArgumentError(
    'score.weight',
    `flows.trainFlow: score.weight must be above 0; got ${score.weight}. Leave score out to train without it.`,
  );
}

function requireRows(argument: string, array: NdArray<Float32Array>, n: number, width: number): void {
  const fits = array.shape.length === 2 && array.shape[0] === n && array.shape[1] === width;
  if (!fits || array.data.length !== n * width) {
    throw new InvalidArgumentError(
      argument,
      `flows.trainFlow: ${argument} must have shape [${n}, ${width}]; got [${array.shape.join(', ')}].`,
    );
  }
  const bad = array.data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new InvalidArgumentError(
    argument,
    `flows.trainFlow: ${argument} must be finite; got ${array.data[bad]} in row ${Math.floor(bad / width)}. Leave failed simulations out.`,
  );
}
