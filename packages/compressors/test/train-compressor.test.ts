import { isLensfieldError, keyOf } from '@lensfield/kernels';
import { initTensors, runTraining, type TrainingState, tf } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import {
  createCompressor,
  createConvolutionalNetwork,
  fromArrays,
  type MapTrainingOptions,
  noisyBatches,
  toArrays,
  trainCompressor,
  type VariationalHead,
} from '../src/index.ts';
import { amplitudeFields, bestVariance, logVariance, SIZE, toyNetwork } from './_toy-fields.ts';

await initTensors();

const NOISE = 0.5;
const network = toyNetwork();

const options = (extra: Partial<MapTrainingOptions> = {}): MapTrainingOptions => ({
  network,
  ...amplitudeFields(300, 20),
  noise: { noiseSd: [NOISE] },
  loss: { kind: 'mse' },
  key: keyOf(1),
  batchSize: 50,
  maxEpochs: 3,
  ...extra,
});

/** log N(u; a t + b, e^c): the simplest head for one summary and one target. */
const gaussianHead: VariationalHead = {
  parameters: {
    slope: { shape: [1, 1], data: Float32Array.from([0.5]) },
    offset: { shape: [1], data: new Float32Array(1) },
    logSd: { shape: [1], data: new Float32Array(1) },
  },
  logProb(parameters, targets, summaries) {
    const mean = tf.add(tf.matMul(summaries, parameters.slope as tf.Tensor2D), parameters.offset!);
    const z = tf.div(tf.sub(targets, mean), tf.exp(parameters.logSd!));
    const logProb = tf.sub(
      tf.mul(tf.square(z), -0.5),
      tf.add(parameters.logSd!, 0.5 * Math.log(2 * Math.PI)),
    );
    return tf.sum(logProb, 1);
  },
};

/** Fresh noisy maps that no training has seen, and their targets. */
function testMaps(n: number) {
  const { maps, targets } = amplitudeFields(n, 900);
  const rows = Array.from({ length: n }, (_, i) => i);
  const data = noisyBatches(maps, { noiseSd: [NOISE] }).draw(rows, keyOf(31));
  return { x: { shape: [n, SIZE, SIZE, 1], data }, u: targets.data };
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  const mean = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v / n, 0);
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

const long = {
  ...amplitudeFields(2000, 50),
  maxEpochs: 20,
  learningRate: { kind: 'cosine', rate: 1e-2 } as const,
};

test('MSE finds the amplitude of a field almost as well as any estimator can', async () => {
  const result = await runTraining(trainCompressor(options(long)));
  const { x, u } = testMaps(400);
  const summaries = createCompressor(network, result.parameters).summarize(x).data;
  const error = u.reduce((sum, value, i) => sum + (value - summaries[i]!) ** 2, 0) / 400;
  // The bound is 0.033; the mean over 400 maps has a standard error of 7 %, and the bound is that of A = 1.
  expect(error).toBeLessThan(2 * bestVariance(NOISE));
  expect(error).toBeGreaterThan(0.7 * bestVariance(NOISE));
});

test('VMIM reaches the entropy of the best Gaussian posterior', async () => {
  const result = await runTraining(
    trainCompressor(options({ ...long, loss: { kind: 'vmim', head: gaussianHead } })),
  );
  const best = 0.5 * Math.log(2 * Math.PI * Math.E * bestVariance(NOISE));
  // 0.2 nats is a variance 1.5 times the bound; 200 validation maps carry 0.05 nats.
  expect(result.bestValidationLoss).toBeLessThan(best + 0.2);
  expect(result.bestValidationLoss).toBeGreaterThan(best - 0.2);
  const { x, u } = testMaps(400);
  const summaries = createCompressor(network, result.parameters).summarize(x).data;
  // Correlation that leaves twice the smallest variance.
  expect(Math.abs(correlation(summaries, u))).toBeGreaterThan(Math.sqrt(1 - 2 * bestVariance(NOISE)));
  expect(Object.keys(result.headParameters).sort()).toEqual(['logSd', 'offset', 'slope']);
});

test('given features alone are enough where they hold the answer', async () => {
  const featureNetwork = createConvolutionalNetwork({
    mapSize: SIZE,
    numBins: 1,
    numSummaries: 1,
    channels: [],
    hiddenUnits: [],
    numFeatures: 1,
  });
  const result = await runTraining(
    trainCompressor(
      options({
        ...long,
        network: featureNetwork,
        features: logVariance.features,
        learningRate: { kind: 'cosine', rate: 3e-2 },
      }),
    ),
  );
  const { x, u } = testMaps(400);
  const summaries = createCompressor(featureNetwork, result.parameters, logVariance.features).summarize(
    x,
  ).data;
  const error = u.reduce((sum, value, i) => sum + (value - summaries[i]!) ** 2, 0) / 400;
  // A linear function of the log variance of signal and noise, which bends a little: 0.04 against the bound of 0.033.
  expect(error).toBeLessThan(2 * bestVariance(NOISE));
  expect(() => createCompressor(featureNetwork, result.parameters)).toThrow('features must be given');
});

describe('training', () => {
  test('resumes to the same bytes from a checkpoint in the middle of an epoch', async () => {
    const states: TrainingState[] = [];
    const loss = { kind: 'vmim', head: gaussianHead } as const;
    const whole = await runTraining(trainCompressor(options({ loss, reportEveryMs: 0 })), (progress) => {
      if (!progress.isEpochEnd) states.push(structuredClone(progress.state()));
    });
    const resumed = await runTraining(
      trainCompressor(options({ loss, resume: states.find((state) => state.epoch === 1)! })),
    );
    expect(resumed.parameters).toEqual(whole.parameters);
    expect(resumed.state).toEqual(whole.state);
  });

  test('may go on with another loss', async () => {
    const first = await runTraining(trainCompressor(options()));
    const second = await runTraining(
      trainCompressor(
        options({
          initial: first.parameters.weights,
          loss: { kind: 'vmim', head: gaussianHead },
          maxEpochs: 1,
        }),
      ),
    );
    expect(Object.keys(second.parameters.weights).sort()).toEqual(
      Object.keys(first.parameters.weights).sort(),
    );
  });

  test('leaks nothing', async () => {
    const before = tf.memory().numTensors;
    const result = await runTraining(trainCompressor(options({ maxEpochs: 1 })));
    createCompressor(network, result.parameters).summarize(testMaps(5).x);
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [
      'maps of another size',
      { network: { ...network, mapSize: 8 } },
      'maps must have shape [8, 8, 1]; got [16, 16, 1]',
    ],
    [
      'too few targets',
      { targets: { shape: [9, 1], data: new Float32Array(9) } },
      'targets must have shape [300, numTargets]',
    ],
    [
      'a NaN target',
      { targets: { shape: [300, 1], data: new Float32Array(300).fill(Number.NaN) } },
      'targets must be finite; got NaN in row 0',
    ],
    ['no noise and no scale', { noise: { noiseSd: [0] } }, 'inputSd must hold 1 values above 0; got [0]'],
    ['noise for another number of bins', { noise: { noiseSd: [1, 1] } }, 'noiseSd must hold 1 finite values'],
    ['features that the network does not take', { features: () => new Float32Array(0) }, 'if and only if'],
  ])('refuses %s', async (_, extra, message) => {
    const attempt = runTraining(trainCompressor(options(extra)));
    await expect(attempt).rejects.toThrow(message);
    await attempt.catch((error) => expect(isLensfieldError(error, 'INVALID_ARGUMENT')).toBe(true));
  });
});

describe('a compressor', async () => {
  const { parameters } = await runTraining(trainCompressor(options({ maxEpochs: 1 })));
  const compressor = createCompressor(network, parameters);
  const { x } = testMaps(20);

  test('gives each map its summary, whatever is beside it', () => {
    const all = compressor.summarize(x);
    expect(all.shape).toEqual([20, 1]);
    const one = compressor.summarize({ shape: [1, SIZE, SIZE, 1], data: x.data.slice(17 * 256, 18 * 256) });
    // Sums in another order at most.
    expect(one.data[0]).toBeCloseTo(all.data[17]!, 5);
  });

  test('leaves the maps as they are', () => {
    const before = x.data.slice();
    compressor.summarize(x);
    expect(x.data).toEqual(before);
  });

  test('comes back from its arrays', () => {
    const again = createCompressor(network, fromArrays(network, toArrays(parameters)));
    expect(again.summarize(x)).toEqual(compressor.summarize(x));
    expect(() => fromArrays({ ...network, numBins: 2 }, toArrays(parameters))).toThrow(
      'inputSd of 2 values; got 1',
    );
  });

  test('refuses NaN and other shapes', () => {
    const bad = { ...x, data: x.data.map((value, i) => (i === 7 ? Number.NaN : value)) };
    expect(() => compressor.summarize(bad)).toThrow('maps must be finite; got NaN at 7');
    expect(() => compressor.summarize({ shape: [20, 256], data: x.data })).toThrow(
      'must have shape [n, 16, 16, 1]',
    );
  });
});
