import { keyOf } from '@lensfield/kernels';
import {
  initTensors,
  runTraining,
  splitRows,
  type TrainingOptions,
  type TrainingProblem,
  type TrainingResult,
  tf,
  train,
} from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import {
  createRealNvp,
  initFlow,
  logProbTensor,
  type Standardisation,
  standardise,
  trainFlow,
} from '../src/index.ts';
import { normalArray } from './_fixtures.ts';

const flow = createRealNvp({ dimension: 3, contextDimension: 2, numLayers: 3, hiddenUnits: [32, 32] });
const NUM_ROWS = 640;
const context = normalArray(1, [NUM_ROWS, 2]);
const noise = normalArray(2, [NUM_ROWS, 3]);
const y = {
  shape: [NUM_ROWS, 3],
  data: noise.data.map((e, i) => Math.exp(0.3 * context.data[2 * Math.floor(i / 3)]!) * e + 0.2 * e * e),
};

/**
 * Replays make the same kernel calls as the tape, so a whole training agrees bit by bit, far below the 1e-4 that it must: any
 * difference is an error of the replay.
 */
function expectSameTraining(compiled: TrainingResult, taped: TrainingResult): void {
  expect(compiled.history).toEqual(taped.history);
  for (const [name, { data }] of Object.entries(taped.parameters))
    expect(compiled.parameters[name]!.data, name).toEqual(data);
}

const options = (compile: boolean): TrainingOptions => ({
  key: keyOf(3),
  batchSize: 100,
  maxEpochs: 20,
  compile,
});

/** log q and its score in y: the gradient in the weights is one of a gradient. */
function scoreProblem(standardisation: Standardisation): TrainingProblem {
  const { training, validation } = splitRows(keyOf(5), NUM_ROWS, 0.2);
  const pick = (array: { data: Float32Array }, width: number, rows: Int32Array) => ({
    shape: [rows.length, width],
    data: Float32Array.from(
      { length: rows.length * width },
      (_, i) => array.data[rows[Math.floor(i / width)]! * width + (i % width)]!,
    ),
  });
  return {
    trainingRows: training,
    validationRows: validation,
    inputs: ({ rows }) => ({
      y: pick(y, 3, rows),
      context: pick(context, 2, rows),
      score: pick(noise, 3, rows),
    }),
    loss: ({ parameters, inputs }) => {
      const { value, grad } = tf.valueAndGrad((at: tf.Tensor) =>
        tf.sum(
          logProbTensor(flow, parameters, standardisation, at as tf.Tensor2D, inputs.context as tf.Tensor2D),
        ),
      )(inputs.y!);
      const misfit = tf.mean(tf.square(tf.add(grad, inputs.score!)));
      return tf.add(tf.neg(tf.div(value, inputs.y!.shape[0]!)), tf.mul(misfit, 0.1)) as tf.Scalar;
    },
  };
}

describe.each(['native', 'wasm'] as const)('compiled training on %s', (backend) => {
  test('of a flow equals that on the tape', async () => {
    if (!(await loads(backend))) return;
    const run = (compile: boolean) => runTraining(trainFlow({ ...options(compile), flow, y, context }));
    const [compiled, taped] = [await run(true), await run(false)];
    expectSameTraining(
      { ...compiled, parameters: compiled.parameters.weights },
      { ...taped, parameters: taped.parameters.weights },
    );
  });

  test('with the score in the loss equals that on the tape', async () => {
    if (!(await loads(backend))) return;
    const problem = scoreProblem(standardise(y, context, 'regression'));
    const run = (compile: boolean) =>
      runTraining(train(problem, initFlow(keyOf(4), flow), { ...options(compile), maxEpochs: 8 }));
    expectSameTraining(await run(true), await run(false));
  });
});

async function loads(backend: 'native' | 'wasm'): Promise<boolean> {
  try {
    await initTensors({ backend });
    return true;
  } catch {
    return false;
  }
}
