import { foldIn, keyOf, normal } from '@lensfield/kernels';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  initTensors,
  kernelReport,
  type LossAndBuffers,
  type LossTensors,
  learningRateAt,
  runTraining,
  splitRows,
  type TrainingOptions,
  type TrainingProblem,
  type TrainingState,
  tf,
  train,
} from '../src/index.ts';

beforeAll(async () => {
  await initTensors();
});

const NUM_ROWS = 200;
const SLOPE = [1.5, -2];

/** Least squares of y = 1.5 a - 2 b + 0.1 noise, with running mean of the loss as a buffer. */
function linearProblem(): TrainingProblem {
  const x = normal(keyOf(1), 2 * NUM_ROWS);
  const noise = normal(keyOf(2), NUM_ROWS);
  const y = noise.map((e, i) => SLOPE[0]! * x[2 * i]! + SLOPE[1]! * x[2 * i + 1]! + 0.1 * e);
  return {
    trainingRows: Int32Array.from({ length: 160 }, (_, i) => i),
    validationRows: Int32Array.from({ length: 40 }, (_, i) => 160 + i),
    initialBuffers: { steps: { shape: [1], data: new Float32Array(1) } },
    inputs({ rows, key }) {
      // Jitter of the inputs makes the loss depend on the key of the step.
      const jitter = normal(foldIn(key, 0), 2 * rows.length);
      const jittered = Float32Array.from(jitter, (e, i) => x[2 * rows[i >> 1]! + (i & 1)]! + 1e-3 * e);
      const targets = Float32Array.from(rows, (row) => y[row]!);
      return {
        x: { shape: [rows.length, 2], data: jittered },
        y: { shape: [rows.length, 1], data: targets },
      };
    },
    loss({ parameters, inputs, buffers }) {
      const predicted = tf.matMul(inputs.x as tf.Tensor2D, parameters.slope as tf.Tensor2D);
      const loss = tf.mean(tf.square(tf.sub(predicted, inputs.y!))) as tf.Scalar;
      return { loss, buffers: { steps: tf.add(buffers.steps!, 1) } };
    },
  };
}

const start = { slope: { shape: [2, 1], data: new Float32Array(2) } };
const options = (extra: Partial<TrainingOptions> = {}): TrainingOptions => ({
  key: keyOf(3),
  batchSize: 50,
  maxEpochs: 30,
  learningRate: { kind: 'cosine', rate: 0.1 },
  ...extra,
});

describe('train', () => {
  test('finds the least-squares solution and reports the losses', async () => {
    const result = await runTraining(train(linearProblem(), start, options()));
    // Noise of 0.1 on 160 rows: a standard error of 0.008 on each slope.
    SLOPE.forEach((slope, i) => {
      expect(Math.abs(result.parameters.slope!.data[i]! - slope)).toBeLessThan(0.04);
    });
    expect(result.bestValidationLoss).toBeLessThan(0.02);
    expect(result.history).toHaveLength(30);
    expect(result.stopped).toBe('maxEpochs');
    // 160 rows give three whole batches of 50 in an epoch; validation does not touch the buffers.
    expect(result.state.buffers.steps!.data[0]).toBe(90);
    expect(result.state.optimizer.step).toBe(90);
  });

  test('goes on to the same bytes from any step', async () => {
    const states: TrainingState[] = [];
    const whole = await runTraining(
      train(linearProblem(), start, options({ maxEpochs: 5, reportEveryMs: -1 })),
      (progress) => states.push(structuredClone(progress.state())),
    );
    expect(states).toHaveLength(15);
    for (const state of states) {
      const resumed = await runTraining(
        train(linearProblem(), start, options({ maxEpochs: 5, resume: state })),
      );
      expect(resumed.state).toEqual(whole.state);
      expect(resumed.parameters).toEqual(whole.parameters);
    }
  });

  test('stops when the validation loss has not fallen for the patience, with the best parameters', async () => {
    const result = await runTraining(
      train(
        linearProblem(),
        start,
        options({ maxEpochs: 500, patience: 5, learningRate: { kind: 'constant', rate: 0.3 } }),
      ),
    );
    expect(result.stopped).toBe('patience');
    expect(result.history).toHaveLength(result.bestEpoch + 6);
    expect(Math.min(...result.history.map((record) => record.validationLoss))).toBe(
      result.bestValidationLoss,
    );
    expect(result.parameters.slope!.data).not.toEqual(result.state.optimizer.parameters.values);
  });

  test('leaves out and counts a step whose loss is not finite', async () => {
    const problem = linearProblem();
    const result = await runTraining(
      train(
        {
          ...problem,
          loss: (tensors) => {
            const { loss, buffers } = problem.loss(tensors) as LossAndBuffers;
            if (!tensors.isTraining) return loss;
            const isSpoilt = tf.equal(tf.reshape(tensors.buffers.steps!, []), 4);
            return { loss: tf.where(isSpoilt, tf.scalar(Number.NaN), loss) as tf.Scalar, buffers };
          },
        },
        start,
        options({ maxEpochs: 2 }),
      ),
    );
    // Buffers are those of the last good step, so the count stays at 4 and the second epoch loses its other steps too.
    expect(result.skippedSteps).toBe(2);
    expect(result.parameters.slope!.data.every(Number.isFinite)).toBe(true);
  });

  test('gives up on a loss that stays NaN, with the remedy', async () => {
    const problem = linearProblem();
    const spoilt = { ...problem, loss: () => tf.scalar(Number.NaN) };
    await expect(runTraining(train(spoilt, start, options()))).rejects.toThrow(
      'tensors.train: validation loss must be finite; it is not, in epoch 0. Lower the learning rate',
    );
  });

  test('stops on a signal between steps', async () => {
    const controller = new AbortController();
    const result = await runTraining(
      train(linearProblem(), start, options({ signal: controller.signal, reportEveryMs: -1 })),
      (progress) => {
        if (progress.step === 2) controller.abort();
      },
    );
    expect(result.stopped).toBe('aborted');
    expect(result.state.optimizer.step).toBe(2);
  });

  test.each([
    ['batchSize', 0],
    ['maxEpochs', 0.5],
    ['patience', -1],
  ])('refuses %s of %s', async (argument, value) => {
    const attempt = runTraining(train(linearProblem(), start, options({ [argument]: value })));
    await expect(attempt).rejects.toThrow(`${argument} must be a whole number of at least 1; got ${value}`);
  });

  test('compiled or on the tape, to the same bits', async () => {
    const [compiled, taped] = await Promise.all(
      [true, false].map((compile) => runTraining(train(linearProblem(), start, options({ compile })))),
    );
    expect(compiled!.state).toEqual(taped!.state);
    expect(compiled!.parameters).toEqual(taped!.parameters);
  });

  test('refuses a loss that cannot be compiled and names the op; on the tape it serves', async () => {
    const problem = linearProblem();
    const withoutKernel = {
      ...problem,
      loss: (tensors: LossTensors) => tf.sum(tf.sin(tf.square(tensors.parameters.slope!))) as tf.Scalar,
    };
    const before = tf.memory().numTensors;
    await expect(runTraining(train(withoutKernel, start, options()))).rejects.toThrow(
      'tensors.compile: step must use ops that run in C kernels; Sin does not for these arguments. Leave it out, or run the step uncompiled (a training: with compile false)',
    );
    expect(tf.memory().numTensors).toBe(before);
    await runTraining(train(withoutKernel, start, options({ compile: false, maxEpochs: 1 })));
  });

  test('refuses a loss that holds a number which changes from step to step', async () => {
    const problem = linearProblem();
    let step = 0;
    const counting = {
      ...problem,
      loss: (tensors: LossTensors) => {
        const { loss } = problem.loss(tensors) as LossAndBuffers;
        return tf.mul(loss, ++step) as tf.Scalar;
      },
    };
    await expect(runTraining(train(counting, start, options()))).rejects.toThrow(
      'step must do the same at every call; Multiply differs between the first two',
    );
  });

  test('takes no memory after the first steps', async () => {
    const bytes: number[] = [];
    await runTraining(
      train(linearProblem(), start, options({ maxEpochs: 1700, patience: 1700 })),
      ({ epoch }) => {
        if (epoch === 2 || epoch === 1700) bytes.push(kernelReport().bytes, tf.memory().numTensors);
      },
    );
    expect(bytes.slice(2)).toEqual(bytes.slice(0, 2));
  });

  test('leaks no tensors', async () => {
    await runTraining(train(linearProblem(), start, options({ maxEpochs: 1 })));
    const before = tf.memory().numTensors;
    await runTraining(train(linearProblem(), start, options({ maxEpochs: 2 })));
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('learning rates', () => {
  test('cosine rises over the warm-up and falls to its floor', () => {
    const schedule = { kind: 'cosine', rate: 1, warmupSteps: 4, floor: 0.1 } as const;
    expect([0, 1, 3].map((step) => learningRateAt(schedule, step, 104))).toEqual([0.2, 0.4, 0.8]);
    expect(learningRateAt(schedule, 4, 104)).toBe(1);
    expect(learningRateAt(schedule, 54, 104)).toBeCloseTo(0.55, 12);
    expect(learningRateAt(schedule, 104, 104)).toBeCloseTo(0.1, 12);
    expect(learningRateAt(schedule, 1000, 104)).toBeCloseTo(0.1, 12);
  });

  test('step falls by its factor and stops at its floor', () => {
    const schedule = { kind: 'step', rate: 1e-3, factor: 0.5, everySteps: 10, floor: 2e-4 } as const;
    expect([9, 10, 25, 90].map((step) => learningRateAt(schedule, step, 100))).toEqual([
      1e-3, 5e-4, 2.5e-4, 2e-4,
    ]);
  });
});

test('splitRows covers every row once', () => {
  const { training, validation } = splitRows(keyOf(1), 50, 0.2);
  expect(validation).toHaveLength(10);
  expect([...training, ...validation].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(() => splitRows(keyOf(1), 50, 1)).toThrow('must leave rows on both sides');
  expect(() => splitRows(keyOf(1), 1, 0.5)).toThrow('must leave rows on both sides');
});
