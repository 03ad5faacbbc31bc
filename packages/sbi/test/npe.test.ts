import { keyOf, permutation } from '@lensfield/kernels';
import { initTensors, runTraining } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import { jointPrior, type NpeOptions, type NpeState, npe, uniform } from '../src/index.ts';
import { exactPosterior, linearPrior, simulate } from './_linear-gaussian.ts';

await initTensors();

const options = (extra: Partial<NpeOptions> = {}): NpeOptions => ({
  key: keyOf(1),
  prior: linearPrior,
  ...simulate(keyOf(10), 400),
  flow: { numLayers: 2, hiddenUnits: [8] },
  training: { maxEpochs: 3, batchSize: 60 },
  ...extra,
});

async function finished(npeOptions: NpeOptions) {
  const result = await runTraining(npe(npeOptions));
  if (result.stopped !== 'finished') throw new Error('was aborted');
  return result;
}

describe.each([
  { kind: 'spline', numLayers: 2, hiddenUnits: [8] },
  { kind: 'smooth', numLayers: 2, hiddenUnits: [8] },
  { kind: 'maf', numLayers: 2, hiddenUnits: [8] },
  { kind: 'mixture', numComponents: 2, hiddenUnits: [8] },
] as const)('with $kind', (flow) => {
  test('starts at the linear-Gaussian posterior, which is exact here', async () => {
    const { estimator } = await finished(options({ ...simulate(keyOf(11), 2000), flow }));
    const x = simulate(keyOf(99), 1).summaries.data;
    const exact = exactPosterior(x);
    const draws = estimator.posteriorFor(x).sample(keyOf(20), 4000).data;
    for (let j = 0; j < 2; j++) {
      const mean = draws.reduce((sum, v, k) => sum + (k % 2 === j ? v / 4000 : 0), 0);
      // 0.03 sd from the regression, 0.016 from the draws, and what three epochs do not yet take off a random network: of two random
      // centres of half a standard deviation, 0.3.
      expect(Math.abs(mean - exact.mean[j]) / Math.sqrt(exact.covariance[3 * j])).toBeLessThan(0.5);
    }
  });
});

describe('a linear-Gaussian problem', async () => {
  const result = await finished(
    options({
      ...simulate(keyOf(11), 4000),
      numMembers: 2,
      flow: { numLayers: 2, hiddenUnits: [16, 16] },
      training: { maxEpochs: 15, batchSize: 100 },
    }),
  );
  const observations = simulate(keyOf(99), 6).summaries.data;

  test('gives posteriors with the exact means and widths', () => {
    for (let i = 0; i < 6; i++) {
      const x = observations.slice(3 * i, 3 * i + 3);
      const exact = exactPosterior(x);
      const draws = result.estimator.posteriorFor(x).sample(keyOf(20), 20_000).data;
      for (let j = 0; j < 2; j++) {
        const column = draws.filter((_, k) => k % 2 === j);
        const mean = column.reduce((sum, v) => sum + v / column.length, 0);
        const sd = Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length);
        const exactSd = Math.sqrt(exact.covariance[3 * j]);
        // Trained on 3240 simulations: each coefficient of the mean carries 1 / sqrt(3240) = 0.018 sd, each width 1.2 %.
        expect(Math.abs(mean - exact.mean[j]) / exactSd).toBeLessThan(0.12);
        expect(Math.abs(sd / exactSd - 1)).toBeLessThan(0.08);
      }
    }
  });

  test('has the log density of the exact posterior', () => {
    const x = observations.slice(0, 3);
    const { mean, covariance } = exactPosterior(x);
    const determinant = covariance[0] * covariance[3] - covariance[1] ** 2;
    const exactAtMean = -Math.log(2 * Math.PI) - 0.5 * Math.log(determinant);
    expect(Math.abs(result.estimator.posteriorFor(x).logProb(mean) - exactAtMean)).toBeLessThan(0.1);
  });

  test('passes SBC and TARP on held-out simulations', () => {
    expect(result.calibration.passed).toBe(true);
    expect(result.calibration.numSimulations).toBe(400);
  });

  test('keeps the ledger', () => {
    expect(result.ledger).toEqual({ numGiven: 4000, numUsed: 4000, numNotFinite: 0, numOutsidePrior: 0 });
    expect(result.members).toHaveLength(2);
  });

  test('warns of an observation that is like no simulation, and not of another', () => {
    const usual = result.estimator.posteriorFor(observations.slice(0, 3));
    expect(usual.warnings).toEqual([]);
    const far = result.estimator.posteriorFor(Float32Array.of(40, 40, 40));
    expect(far.observationCheck.isUnusual).toBe(true);
    expect(far.observationCheck.percentile).toBe(1);
    expect(far.warnings[0]).toContain('farther from the mean of the simulations (Mahalanobis distance');
  });

  test('refuses an observation with NaN', () => {
    expect(() => result.estimator.posteriorFor(Float32Array.of(1, Number.NaN, 0))).toThrow(
      'the observation must be finite; got NaN in summary 1',
    );
  });
});

test('a uniform prior is never left', async () => {
  const prior = jointPrior({ a: uniform({ low: 0, high: 1 }) });
  const theta = prior.sample(keyOf(1), 600);
  const noise = permutation(keyOf(2), 600);
  const data = Float32Array.from(theta.data, (value, i) => value + 0.2 * (noise[i] / 600 - 0.5));
  const summaries = { shape: [600, 1], data };
  const { estimator } = await finished(options({ prior, theta, summaries }));
  const posterior = estimator.posteriorFor(Float32Array.of(1.05));
  expect(posterior.leakedFraction).toBe(0);
  const draws = posterior.sample(keyOf(3), 2000).data;
  expect(draws.every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(posterior.logProb(Float64Array.of(1.01))).toBe(-Infinity);
});

test('simulations that cannot be used are left out and counted', async () => {
  const { theta, summaries } = simulate(keyOf(10), 400);
  summaries.data[3 * 7 + 1] = Number.NaN;
  summaries.data[3 * 8] = Infinity;
  theta.data[2 * 9] = Number.NaN;
  theta.data[2 * 10 + 1] = -1 + 8 * 0.5;
  const { ledger, estimator } = await finished(options({ theta, summaries }));
  expect(ledger).toEqual({ numGiven: 400, numUsed: 396, numNotFinite: 3, numOutsidePrior: 1 });
  const posterior = estimator.posteriorFor(summaries.data.slice(0, 3));
  expect(posterior.sample(keyOf(1), 10).data.every(Number.isFinite)).toBe(true);
});

test('training of an ensemble resumes to the same bytes, inside any member', async () => {
  const states: NpeState[] = [];
  const config = options({ numMembers: 2 });
  const whole = await runTraining(npe(config), (progress) => states.push(structuredClone(progress.state())));
  expect(states.map((state) => state.finished.length)).toEqual([0, 0, 0, 1, 1, 1]);
  for (const state of [states[1], states[4]]) {
    const resumed = await runTraining(npe({ ...config, resume: state }));
    if (whole.stopped !== 'finished' || resumed.stopped !== 'finished') throw new Error('was aborted');
    expect(resumed.members).toEqual(whole.members);
    expect(resumed.calibration).toEqual(whole.calibration);
  }
});

test('a signal stops the training with a state to go on from', async () => {
  const controller = new AbortController();
  const result = await runTraining(npe(options({ signal: controller.signal })), () => controller.abort());
  expect(result.stopped).toBe('aborted');
  if (result.stopped === 'aborted') expect(result.state.current?.epoch).toBe(1);
});

test.each([
  [
    'theta of another width',
    { theta: { shape: [400, 3], data: new Float64Array(1200) } },
    'theta must have shape [n, 2] for a, b; got [400, 3]',
  ],
  [
    'summaries of another length',
    { summaries: { shape: [3, 3], data: new Float32Array(9) } },
    'summaries must have shape [400, numSummaries]',
  ],
  [
    'no usable simulation',
    { theta: { shape: [400, 2], data: new Float64Array(800).fill(1e6) } },
    'of which 0 are not finite and 400 outside the prior',
  ],
  ['too many held out', { numHeldOut: 395 }, 'numHeldOut must be at least 20 and leave 20 of the 400'],
  ['no member', { numMembers: 0 }, 'numMembers must be a whole number of at least 1; got 0'],
])('%s is refused', async (_, extra, message) => {
  await expect(runTraining(npe(options(extra)))).rejects.toThrow(message);
});
