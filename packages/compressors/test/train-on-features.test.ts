import { isLensfieldError, keyOf } from '@lensfield/kernels';
import { initTensors, runTraining, type TrainingState } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import {
  createCompressor,
  createConvolutionalNetwork,
  createFeatureBank,
  type FeatureBankOptions,
  type FeatureTrainingOptions,
  noisyBatches,
  trainOnFeatures,
} from '../src/index.ts';
import { amplitudeFields, bestVariance, logVariance, SIZE } from './_toy-fields.ts';

await initTensors();

const NOISE = 0.5;
const NUM_PIXELS = SIZE ** 2;
const network = createConvolutionalNetwork({
  mapSize: SIZE,
  numBins: 1,
  numSummaries: 1,
  channels: [],
  hiddenUnits: [],
  numFeatures: 1,
});

const bankOptions: FeatureBankOptions = {
  statistics: logVariance,
  mapShape: [SIZE, SIZE, 1],
  noise: { noiseSd: [NOISE] },
  key: keyOf(7),
};

function bankOf(numMaps: number, extra: Partial<FeatureBankOptions> = {}) {
  const { maps, targets } = amplitudeFields(numMaps, 50);
  const bank = createFeatureBank({ ...bankOptions, ...extra });
  for (let i = 0; i < numMaps; i++) {
    const map = new Float32Array(NUM_PIXELS);
    maps.read(i, map, 0);
    bank.add(map);
  }
  return { bank, targets };
}

const options = (extra: Partial<FeatureTrainingOptions> = {}): FeatureTrainingOptions => ({
  network,
  ...bankOf(2000),
  loss: { kind: 'mse' },
  key: keyOf(1),
  batchSize: 50,
  maxEpochs: 10,
  learningRate: { kind: 'cosine', rate: 1e-2 },
  ...extra,
});

/** Mean square error on fresh noisy maps. */
async function testError(extra: Partial<FeatureTrainingOptions> = {}): Promise<number> {
  const result = await runTraining(trainOnFeatures(options(extra)));
  const { maps, targets } = amplitudeFields(400, 900);
  const rows = Array.from({ length: 400 }, (_, i) => i);
  const data = noisyBatches(maps, { noiseSd: [NOISE] }).draw(rows, keyOf(31));
  const compressor = createCompressor(network, result.parameters, logVariance.features);
  const summaries = compressor.summarize({ shape: [400, SIZE, SIZE, 1], data }).data;
  return targets.data.reduce((sum, value, i) => sum + (value - summaries[i]!) ** 2, 0) / 400;
}

test('finds the amplitude of a field as well as it can be found', async () => {
  // A linear function of the log variance of signal and noise, which bends a little: 0.04 against the bound of 0.033.
  expect(await testError()).toBeLessThan(1.5 * bestVariance(NOISE));
});

test('learns nothing where maps and targets do not belong together', async () => {
  const { targets } = options();
  const shuffled = { ...targets, data: targets.data.slice().reverse() };
  expect(await testError({ targets: shuffled })).toBeGreaterThan(0.5);
});

test('resumes to the same bytes', async () => {
  const few = { ...bankOf(200), maxEpochs: 3, reportEveryMs: 0 };
  const states: TrainingState[] = [];
  const whole = await runTraining(trainOnFeatures(options(few)), (progress) => {
    if (!progress.isEpochEnd) states.push(structuredClone(progress.state()));
  });
  const resume = states.find(({ epoch }) => epoch === 1)!;
  const resumed = await runTraining(trainOnFeatures(options({ ...few, resume })));
  expect(resumed.parameters).toEqual(whole.parameters);
});

describe('a bank', () => {
  const rows = Int32Array.of(2, 0, 2);

  test('holds each map under several draws of noise, which the key and its number decide', () => {
    const { bank } = bankOf(3);
    const { bank: longer } = bankOf(5);
    expect([bank.numMaps, bank.numDraws, bank.numFeatures]).toEqual([3, 2, 1]);
    const first = bank.read(rows, () => 0);
    expect(first[0]).toBe(first[2]);
    expect(longer.read(rows, () => 0)).toEqual(first);
    expect(bank.read(rows, (i) => (i === 2 ? 1 : 0))[2]).not.toBe(first[2]);
    const { bank: other } = bankOf(3, { key: keyOf(8) });
    expect(other.read(rows, () => 0)).not.toEqual(first);
  });

  test('without noise has the features of the map itself, however it is turned', () => {
    const { bank } = bankOf(3, { noise: { noiseSd: [0] }, numDraws: 4 });
    const own = bank.read(Int32Array.of(1), () => 0)[0]!;
    // Sums of the same squares in another order.
    for (let draw = 1; draw < 4; draw++) {
      expect(bank.read(Int32Array.of(1), () => draw)[0]).toBeCloseTo(own, 5);
    }
  });

  test('refuses maps of another size, pixels that are not finite, and no draws', () => {
    const { bank } = bankOf(1);
    expect(() => bank.add(new Float32Array(5))).toThrow('a map must hold 256 values; got 5');
    expect(() => bank.add(new Float32Array(NUM_PIXELS).fill(Number.NaN))).toThrow(
      'features must be finite; got NaN for feature 0 of map 1',
    );
    expect(bank.numMaps).toBe(1);
    expect(() => createFeatureBank({ ...bankOptions, numDraws: 0 })).toThrow('at least 1; got 0');
  });
});

test.each([
  ['a network with convolutions', { network: { ...network, channels: [8] } }, 'got 1 convolutions and 1'],
  ['another number of features', { network: { ...network, numFeatures: 2 } }, 'got 0 convolutions and 2'],
  [
    'too few targets',
    { targets: { shape: [9, 1], data: new Float32Array(9) } },
    'targets must have shape [2000, numTargets]',
  ],
])('refuses %s', async (_, extra, message) => {
  const attempt = runTraining(trainOnFeatures(options(extra)));
  await expect(attempt).rejects.toThrow(message);
  await attempt.catch((error) => expect(isLensfieldError(error, 'INVALID_ARGUMENT')).toBe(true));
});
