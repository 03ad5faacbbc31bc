import { isLensfieldError, keyOf } from '@lensfield/kernels';
import {
  initTensors,
  parameterVector,
  runTraining,
  type TrainingState,
  tf,
  valueAndGradients,
} from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import {
  conditionalDensity,
  createFlow,
  type FlowTrainingOptions,
  identityStandardisation,
  initFlow,
  logProbTensor,
  mixtureDensity,
  trainFlow,
} from '../src/index.ts';
import { bentFlow, normalArray } from './_fixtures.ts';

await initTensors();

/**
 * y = A c + b + L e with a scale that grows with the context: mean and covariance of y given c are known.
 */
function conditionalGaussian(n: number, seed: number) {
  const context = normalArray(seed, [n, 1]);
  const noise = normalArray(seed + 1, [n, 2]).data;
  const y = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const c = context.data[i]!;
    const scale = scaleOf(c);
    y[2 * i] = 1 + 2 * c + scale * noise[2 * i]!;
    y[2 * i + 1] = -c + 0.6 * scale * noise[2 * i]! + 0.5 * noise[2 * i + 1]!;
  }
  return { y: { shape: [n, 2], data: y }, context };
}

const scaleOf = (c: number) => Math.exp(0.4 * c);

function trueLogProb(y: ArrayLike<number>, c: number): number {
  const first = (y[0]! - 1 - 2 * c) / scaleOf(c);
  const second = (y[1]! + c - 0.6 * scaleOf(c) * first) / 0.5;
  return -0.5 * (first ** 2 + second ** 2) - Math.log(2 * Math.PI) - Math.log(scaleOf(c) * 0.5);
}

const flow = createFlow({ dimension: 2, contextDimension: 1, numLayers: 4, hiddenUnits: [24, 24] });

const quick = (extra: Partial<FlowTrainingOptions> = {}): FlowTrainingOptions => ({
  flow,
  ...conditionalGaussian(600, 40),
  key: keyOf(1),
  batchSize: 100,
  maxEpochs: 4,
  ...extra,
});

test('learns a conditional Gaussian whose width depends on the context', async () => {
  const { y, context } = conditionalGaussian(4000, 1);
  const result = await runTraining(
    trainFlow({
      flow,
      y,
      context,
      key: keyOf(2),
      batchSize: 200,
      maxEpochs: 25,
      learningRate: { kind: 'cosine', rate: 5e-3 },
    }),
  );
  const density = conditionalDensity(flow, result.parameters);
  const test = conditionalGaussian(2000, 77);
  const learned = density.logProb(test.y, test.context);
  let divergence = 0;
  for (let i = 0; i < 2000; i++) {
    divergence +=
      (trueLogProb(test.y.data.subarray(2 * i, 2 * i + 2), test.context.data[i]!) - learned[i]!) / 2000;
  }
  // KL divergence to the truth in nats, averaged over contexts. The linear-Gaussian start alone leaves 0.13; the sampling
  // error of this mean is 0.005.
  expect(divergence).toBeLessThan(0.03);
  expect(divergence).toBeGreaterThan(-0.015);
});

test('starts as the best linear-Gaussian density', async () => {
  const n = 3000;
  const context = normalArray(3, [n, 2]);
  const noise = normalArray(4, [n, 2]).data;
  const data = noise.map((e, i) => (i % 2 === 0 ? 3 + context.data[i]! + 0.1 * e : 0.5 * noise[i - 1]! + e));
  const linear = createFlow({ dimension: 2, contextDimension: 2, hiddenUnits: [8] });
  const result = await runTraining(
    trainFlow({
      flow: linear,
      y: { shape: [n, 2], data },
      context,
      key: keyOf(1),
      maxEpochs: 1,
      learningRate: { kind: 'constant', rate: 1e-6 },
    }),
  );
  const density = conditionalDensity(linear, result.parameters);
  const logProb = density.logProb(
    { shape: [1, 2], data: Float32Array.from([4.05, 0.3]) },
    {
      shape: [1, 2],
      data: Float32Array.from([1, 0]),
    },
  );
  // y0 = 3 + c0 + 0.1 e0 and y1 = 0.5 e0 + e1 at e0 = 0.5, e1 = 0.05.
  const truth = -0.5 * (0.25 + 0.0025) - Math.log(2 * Math.PI) - Math.log(0.1);
  // Least squares from 2700 rows: standard errors of 2 % in each width and 0.02 sd in each mean.
  expect(Math.abs(logProb[0]! - truth)).toBeLessThan(0.1);
});

test('the gradient in the weights agrees with finite differences', () => {
  const { flow: bent, parameters } = bentFlow(5, 3, 2, 0.2);
  const [y, context] = [normalArray(1, [16, 3]), normalArray(2, [16, 2])];
  const loss = (tensors: Readonly<Record<string, tf.Tensor>>) => {
    const args = [tf.tensor2d(y.data.slice(), [16, 3]), tf.tensor2d(context.data.slice(), [16, 2])] as const;
    return tf.neg(tf.mean(logProbTensor(bent, tensors, parameters.standardisation, ...args)));
  };
  const vector = parameterVector(parameters.weights);
  const { gradients } = valueAndGradients(loss, vector);
  const direction = normalArray(3, [vector.values.length]).data;
  const along = (sign: number, step: number) =>
    valueAndGradients(loss, {
      ...vector,
      values: vector.values.map((v, i) => v + sign * step * direction[i]!),
    }).value;
  const step = 1e-3;
  const numeric = (along(1, step) - along(-1, step)) / (2 * step);
  const exact = gradients.values.reduce((sum, g, i) => sum + g * direction[i]!, 0);
  // float32 losses of size 10 carry 1e-6 / 2e-3 = 5e-4 absolute; gradients along the direction are of order 10.
  expect(Math.abs(exact - numeric)).toBeLessThan(3e-3 * (1 + Math.abs(numeric)));
});

describe('training', () => {
  test('resumes to the same bytes from a checkpoint in the middle of an epoch', async () => {
    const states: TrainingState[] = [];
    const whole = await runTraining(trainFlow(quick({ reportEveryMs: 0 })), (progress) => {
      if (!progress.isEpochEnd) states.push(progress.state());
    });
    const middle = states.find((state) => state.epoch === 2)!;
    const copy = structuredClone(middle);
    const resumed = await runTraining(trainFlow(quick({ resume: copy })));
    expect(resumed.parameters.weights).toEqual(whole.parameters.weights);
    expect(resumed.state).toEqual(whole.state);
    expect(resumed.history).toEqual(whole.history);
  });

  test('stops early and gives back the best parameters', async () => {
    // Pure noise and a large rate: the training loss falls, the validation loss does not.
    const noise = { y: normalArray(90, [60, 2]), context: normalArray(91, [60, 1]) };
    const losses: number[] = [];
    const result = await runTraining(
      trainFlow(
        quick({
          ...noise,
          validationFraction: 0.5,
          maxEpochs: 60,
          patience: 4,
          learningRate: { kind: 'constant', rate: 1e-2 },
        }),
      ),
      (progress) => {
        if (progress.isEpochEnd) losses.push(progress.validationLoss!);
      },
    );
    expect(result.stopped).toBe('patience');
    expect(losses.length).toBe(result.bestEpoch + 1 + 4);
    expect(result.bestValidationLoss).toBe(Math.min(...losses));
    expect(losses.at(-1)!).toBeGreaterThan(result.bestValidationLoss);
  });

  test('reports progress with a falling learning rate', async () => {
    const rates: number[] = [];
    await runTraining(trainFlow(quick()), (progress) => {
      rates.push(progress.learningRate);
      expect(progress.step).toBe(progress.epoch * progress.stepsPerEpoch);
      expect(progress.stepsPerSecond).toBeGreaterThan(0);
    });
    expect(rates).toHaveLength(4);
    expect([...rates].sort((a, b) => b - a)).toEqual(rates);
  });

  test('stops on a signal with a state to continue from', async () => {
    const controller = new AbortController();
    const result = await runTraining(trainFlow(quick({ signal: controller.signal })), () =>
      controller.abort(),
    );
    expect(result.stopped).toBe('aborted');
    expect(result.state.epoch).toBe(1);
  });

  test.each([
    [
      'a NaN',
      { y: { shape: [600, 2], data: new Float32Array(1200).fill(Number.NaN) } },
      'y must be finite; got NaN in row 0',
    ],
    ['a wrong width', { y: normalArray(1, [600, 3]) }, 'y must have shape [600, 2]; got [600, 3]'],
    [
      'a constant coordinate',
      { y: { shape: [600, 2], data: new Float32Array(1200) } },
      'must vary in every coordinate',
    ],
    ['no validation rows', { validationFraction: 0 }, 'validationFraction must leave rows on both sides'],
    ['a rate of zero', { learningRate: { kind: 'constant', rate: 0 } as const }, 'must have a rate above 0'],
  ])('refuses %s', async (_, extra, message) => {
    const attempt = runTraining(trainFlow(quick(extra)));
    await expect(attempt).rejects.toThrow(message);
    await attempt.catch((error) => expect(isLensfieldError(error, 'INVALID_ARGUMENT')).toBe(true));
  });
});

test('an ensemble is the mean of its members', () => {
  const members = [1, 2].map((seed) => {
    const { parameters } = bentFlow(seed, 2, 1);
    const small = createFlow({ dimension: 2, contextDimension: 1, numLayers: 3, hiddenUnits: [8, 8] });
    return conditionalDensity(small, parameters);
  });
  const mixture = mixtureDensity(members);
  const context = { shape: [1, 1], data: Float32Array.from([0.4]) };
  const draws = mixture.sample(keyOf(4), context.data, 2000);
  const [a, b, both] = [...members, mixture].map((density) => density.logProb(draws, context));
  for (let i = 0; i < 20; i++) {
    expect(Math.exp(both![i]!)).toBeCloseTo((Math.exp(a![i]!) + Math.exp(b![i]!)) / 2, 5);
  }
  // E over the mixture of a member's density over the mixture's is 1; the ratio lies in [0, 2], so its mean over 2000
  // draws has a standard error below 0.0224.
  const ratio = a!.reduce((sum, value, i) => sum + Math.exp(value - both![i]!), 0) / 2000;
  expect(Math.abs(ratio - 1)).toBeLessThan(5 * 0.0224);
  const score = mixture.scoreOf(draws, context).data;
  const step = 3e-3;
  for (let j = 0; j < 2; j++) {
    const moved = (sign: number) =>
      mixture.logProb(
        { shape: [2000, 2], data: draws.data.map((v, i) => (i % 2 === j ? v + sign * step : v)) },
        context,
      );
    const [up, down] = [moved(1), moved(-1)];
    for (let i = 0; i < 10; i++) {
      const numeric = (up[i]! - down[i]!) / (2 * step);
      expect(Math.abs(score[2 * i + j]! - numeric)).toBeLessThan(0.02 * (1 + Math.abs(numeric)));
    }
  }
  expect(() => mixtureDensity([])).toThrow('must be one or more densities');
});

test('initial weights are repeatable and near the identity', () => {
  expect(initFlow(keyOf(3), flow)).toEqual(initFlow(keyOf(3), flow));
  expect(initFlow(keyOf(3), flow)).not.toEqual(initFlow(keyOf(4), flow));
  const fresh = conditionalDensity(flow, {
    weights: initFlow(keyOf(3), flow),
    standardisation: identityStandardisation(2, 1),
  });
  const y = normalArray(6, [50, 2]);
  const logProb = fresh.logProb(y, { shape: [1, 1], data: Float32Array.from([1]) });
  // Output weights of 1 % move each coordinate by a few per cent in four layers.
  for (let i = 0; i < 50; i++) {
    const standard = -0.5 * (y.data[2 * i]! ** 2 + y.data[2 * i + 1]! ** 2) - Math.log(2 * Math.PI);
    expect(Math.abs(logProb[i]! - standard)).toBeLessThan(0.2);
  }
});
