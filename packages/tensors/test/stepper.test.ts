import { keyOf, normal } from '@lensfield/kernels';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createStepper,
  initTensors,
  type LossTensors,
  type ParameterTree,
  runTraining,
  tf,
  train,
} from '../src/index.ts';

const ROWS = 32;
const start: ParameterTree = {
  w: { shape: [3, 2], data: normal(keyOf(1), 6) },
  b: { shape: [2], data: new Float32Array(2) },
};
const batch: ParameterTree = {
  x: { shape: [ROWS, 3], data: normal(keyOf(2), 3 * ROWS) },
  y: { shape: [ROWS, 2], data: normal(keyOf(3), 2 * ROWS) },
};

function loss({ parameters: { w, b }, inputs: { x, y } }: LossTensors): tf.Scalar {
  const fit = tf.add(tf.matMul(tf.tanh(x!) as tf.Tensor2D, w as tf.Tensor2D), b!);
  return tf.mean(tf.squaredDifference(fit, y!)) as tf.Scalar;
}

describe.each(['native', 'wasm', 'cpu'] as const)('stepper on %s', (backend) => {
  let loads = true;
  beforeAll(async () => {
    loads = await initTensors({ backend }).then(
      () => true,
      () => false,
    );
  });
  afterAll(() => initTensors({ backend: 'wasm' }));

  test('takes the steps of train, bit by bit', async (context) => {
    if (!loads) context.skip();
    const rows = Int32Array.of(0);
    const problem = { trainingRows: rows, validationRows: rows, inputs: () => batch, loss };
    const learningRate = { kind: 'constant', rate: 0.05 } as const;
    const trained = await runTraining(train(problem, start, { key: keyOf(4), maxEpochs: 7, learningRate }));
    const stepper = createStepper(loss, start, { learningRate: 0.05 });
    const losses = Array.from({ length: 7 }, () => stepper.step(batch).loss);
    expect(losses).toEqual(trained.history.map(({ trainLoss }) => trainLoss));
    const last = trained.state.optimizer.parameters.values;
    const { w, b } = stepper.parameters();
    expect([...w!.data, ...b!.data]).toEqual([...last]);
    stepper.dispose();
  });

  test('leaves out a step whose loss is not finite', (context) => {
    if (!loads) context.skip();
    const stepper = createStepper(loss, start, { learningRate: (step) => 0.1 / (1 + step) });
    const bad = { ...batch, y: { shape: [ROWS, 2], data: new Float32Array(2 * ROWS).fill(Number.NaN) } };
    expect(stepper.step(bad)).toEqual({ loss: Number.NaN, isTaken: false });
    expect(stepper.parameters().w!.data).toEqual(start.w!.data);
    const first = stepper.step(batch);
    expect(first.isTaken).toBe(true);
    expect(stepper.step(batch).loss).toBeLessThan(first.loss);
    stepper.dispose();
  });
});
