import { keyOf } from '@lensfield/kernels';
import { initTensors, runTraining } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import {
  jointPrior,
  type NleOptions,
  type NleState,
  nle,
  normal,
  type SamplingMethod,
  truncatePrior,
  uniform,
} from '../src/index.ts';
import { exactPosterior, linearPrior, simulate } from './_linear-gaussian.ts';
import { expectExactPosterior, momentsOf } from './_moments.ts';

await initTensors();

const options = (extra: Partial<NleOptions> = {}): NleOptions => ({
  key: keyOf(1),
  prior: linearPrior,
  ...simulate(keyOf(10), 400),
  numHeldOut: 50,
  flow: { numLayers: 2, hiddenUnits: [8] },
  training: { maxEpochs: 3, batchSize: 60 },
  ...extra,
});

async function finished(nleOptions: NleOptions) {
  const result = await runTraining(nle(nleOptions));
  if (result.stopped !== 'finished') throw new Error('was aborted');
  return result;
}

const METHODS: readonly SamplingMethod[] = ['nuts', 'slice', 'importance', 'rejection'];

describe('a linear-Gaussian problem', async () => {
  const result = await finished(
    options({
      ...simulate(keyOf(11), 4000),
      numMembers: 2,
      numHeldOut: 200,
      flow: { numLayers: 2, hiddenUnits: [16, 16] },
      training: { maxEpochs: 15, batchSize: 100 },
    }),
  );
  const observations = simulate(keyOf(99), 4).summaries.data;
  const observation = (i: number) => observations.slice(3 * i, 3 * i + 3);

  test.each([0, 1, 2, 3])('gives the exact mean and width of posterior %s', (i) => {
    const posterior = result.estimator.posteriorFor(observation(i));
    const { samples, report } = posterior.draw(keyOf(20), 5000);
    // Coefficients of the likelihood from 3420 simulations carry 0.017 of its widths each, and there are nine; draws carry 0.014.
    expectExactPosterior(samples, observation(i), { shift: 0.15, width: 0.08 });
    expect(report.rhat).toBeLessThan(1.03);
    expect(report.effectiveSampleSize).toBeGreaterThan(1500);
    expect(report.numDivergences).toBe(0);
    expect(report.warnings).toEqual([]);
    expect(samples).toEqual(posterior.sample(keyOf(20), 5000));
  });

  test('a thousand draws by short chains are no reason for a warning', () => {
    const { report } = result.estimator.posteriorFor(observation(1)).draw(keyOf(23), 1000);
    expect(report.warnings).toEqual([]);
    expect(report.effectiveSampleSize).toBeGreaterThan(300);
  });

  test.each(METHODS)('has the same posterior by %s', (method) => {
    const posterior = result.estimator.posteriorFor(observation(0), { method });
    const { samples, report } = posterior.draw(keyOf(21), 4000);
    const reference = result.estimator.posteriorFor(observation(0)).sample(keyOf(22), 20_000);
    for (let j = 0; j < 2; j++) {
      const [got, wanted] = [momentsOf(samples, j), momentsOf(reference, j)];
      // Five standard errors of means from as many draws as the reports say, and of widths; the reference has some 10 000.
      const error = 5 * Math.hypot(1 / Math.sqrt(report.effectiveSampleSize), 0.01);
      expect(Math.abs(got.mean - wanted.mean) / wanted.sd).toBeLessThan(error);
      expect(Math.abs(got.sd / wanted.sd - 1)).toBeLessThan(error);
    }
    expect(report.method).toBe(method);
    expect(report.effectiveSampleSize).toBeGreaterThan(800);
    expect(report.warnings).toEqual([]);
    expect(posterior.sample(keyOf(21), 4000)).toEqual(samples);
  });

  test('has the log density of the exact posterior, normalised by its own evidence', () => {
    const x = observation(0);
    const posterior = result.estimator.posteriorFor(x);
    const { mean, covariance } = exactPosterior(x);
    const exactAtMean =
      -Math.log(2 * Math.PI) - 0.5 * Math.log(covariance[0] * covariance[3] - covariance[1] ** 2);
    expect(Math.abs(posterior.logProb(mean) - exactAtMean)).toBeLessThan(0.12);
    const { logEvidence, standardError, effectiveSampleSize } = posterior.evidence();
    expect(effectiveSampleSize).toBeGreaterThan(8000);
    expect(standardError).toBeLessThan(0.02);
    // Bayes: p(x) = p(x | theta) p(theta) / p(theta | x) at any theta, so that exact x has log evidence from its marginal Gaussian.
    expect(Math.abs(logEvidence - exactLogEvidence(x))).toBeLessThan(0.15);
    const rows = { shape: [1, 2], data: mean };
    expect(posterior.logDensityMany(rows)[0] - posterior.logProbMany(rows)[0]).toBeCloseTo(logEvidence, 10);
  });

  test('passes SBC and TARP on held-out simulations', () => {
    expect(result.calibration.passed).toBe(true);
    expect(result.calibration.numSimulations).toBe(200);
    expect(result.ledger).toEqual({ numGiven: 4000, numUsed: 4000, numNotFinite: 0, numOutsidePrior: 0 });
    expect(result.members).toHaveLength(2);
  });

  test('warns of an observation that is like no simulation', () => {
    const far = result.estimator.posteriorFor(Float32Array.of(40, 40, 40));
    expect(far.warnings[0]).toContain('farther from the mean of the simulations');
  });

  test('a wrong observation or method is refused', () => {
    expect(() => result.estimator.posteriorFor(Float32Array.of(1, Number.NaN, 0))).toThrow(
      'must be finite; got NaN',
    );
    expect(() => result.estimator.posteriorFor(Float32Array.of(1))).toThrow('must have 3 summaries; got 1');
    expect(() => result.estimator.posteriorFor(observation(0), { method: 'gibbs' as never })).toThrow(
      'method must be nuts, slice, importance or rejection; got "gibbs"',
    );
  });

  test('a truncated prior cuts the posterior', async () => {
    const posterior = result.estimator.posteriorFor(observation(0));
    const cut = truncatePrior({
      key: keyOf(5),
      prior: linearPrior,
      posterior,
      posteriorMass: 0.9,
      numDraws: 4000,
    });
    const again = await finished(options({ ...simulate(keyOf(31), 600, cut), prior: cut }));
    for (const method of ['nuts', 'importance'] as const) {
      const draws = again.estimator.posteriorFor(observation(0), { method }).sample(keyOf(6), 500);
      expect(cut.region!.containsMany(draws).every(Boolean)).toBe(true);
    }
    expect(again.estimator.posteriorFor(observation(0)).logProb(Float64Array.of(-3, 4))).toBe(-Infinity);
  });
});

/** log N(x; H mean, H S H' + noise^2), by p(x | theta) p(theta) / p(theta | x) at the posterior mean. */
function exactLogEvidence(x: Float32Array): number {
  const { mean, covariance } = exactPosterior(x);
  const predicted = [4 * mean[0] + 0.5 * mean[1], 1.5 * mean[1], -2 * mean[0] + mean[1]];
  const log2Pi = Math.log(2 * Math.PI);
  const logLikelihood = predicted.reduce(
    (sum, m, k) => sum - (((x[k] - m) / 0.5) ** 2 + log2Pi) / 2 - Math.log(0.5),
    0,
  );
  const determinant = covariance[0] * covariance[3] - covariance[1] ** 2;
  return logLikelihood + linearPrior.logProb(mean) + log2Pi + Math.log(determinant) / 2;
}

test('a uniform prior is never left', async () => {
  const prior = jointPrior({ a: uniform({ low: 0, high: 1 }), b: normal({ mean: 0, sd: 1 }) });
  const theta = prior.sample(keyOf(1), 600);
  const noise = prior.sample(keyOf(2), 600).data;
  const data = Float32Array.from(theta.data, (value, i) => value + 0.1 * noise[i]);
  const { estimator } = await finished(options({ prior, theta, summaries: { shape: [600, 2], data } }));
  const posterior = estimator.posteriorFor(Float32Array.of(1.1, 0));
  const draws = posterior.sample(keyOf(3), 1000).data.filter((_, i) => i % 2 === 0);
  expect(draws.every((value) => value > 0 && value < 1)).toBe(true);
  expect(posterior.logProb(Float64Array.of(1.01, 0))).toBe(-Infinity);
});

test('simulations that cannot be used are left out and counted', async () => {
  const { theta, summaries } = simulate(keyOf(10), 400);
  summaries.data[3 * 7 + 1] = Number.NaN;
  theta.data[2 * 9] = Number.NaN;
  theta.data[2 * 10 + 1] = -1 + 8 * 0.5;
  const { ledger } = await finished(options({ theta, summaries }));
  expect(ledger).toEqual({ numGiven: 400, numUsed: 397, numNotFinite: 2, numOutsidePrior: 1 });
});

test('training of an ensemble resumes to the same bytes, inside any member', async () => {
  const states: NleState[] = [];
  const config = options({ numMembers: 2 });
  const whole = await runTraining(nle(config), (progress) => states.push(structuredClone(progress.state())));
  for (const state of [states[1], states[4]]) {
    const resumed = await runTraining(nle({ ...config, resume: state }));
    if (whole.stopped !== 'finished' || resumed.stopped !== 'finished') throw new Error('was aborted');
    expect(resumed.members).toEqual(whole.members);
    expect(resumed.calibration).toEqual(whole.calibration);
  }
});

test('a signal stops the training with a state to go on from', async () => {
  const controller = new AbortController();
  const result = await runTraining(nle(options({ signal: controller.signal })), () => controller.abort());
  expect(result.stopped).toBe('aborted');
  if (result.stopped === 'aborted') expect(result.state.current!.optimizer.step).toBeGreaterThan(0);
});

test('a summary that does not vary is refused', async () => {
  const { theta, summaries } = simulate(keyOf(10), 400);
  const data = summaries.data.map((value, i) => (i % 3 === 1 ? 7 : value));
  const constant = { theta, summaries: { ...summaries, data } };
  await expect(runTraining(nle(options(constant)))).rejects.toThrow(
    'summary 1 is 7 in all 350 rows. Leave it out',
  );
});
