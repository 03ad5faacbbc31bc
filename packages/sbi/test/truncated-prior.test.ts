import { keyOf } from '@lensfield/kernels';
import { initTensors, runTraining } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import { type JointPrior, npe, truncatePrior } from '../src/index.ts';
import { exactDraws, exactPosterior, linearPrior, simulate } from './_linear-gaussian.ts';

await initTensors();

const observation = simulate(keyOf(99), 1).summaries;

async function estimatorFor(prior: JointPrior, seed: number, n: number) {
  const result = await runTraining(
    npe({
      key: keyOf(seed),
      prior,
      ...simulate(keyOf(seed + 1), n, prior),
      flow: { numLayers: 2, hiddenUnits: [16] },
      training: { maxEpochs: 10, batchSize: 100 },
    }),
  );
  if (result.stopped !== 'finished') throw new Error('was aborted');
  return result;
}

describe('a second round on a truncated prior', async () => {
  const first = await estimatorFor(linearPrior, 1, 1500);
  const posterior = first.estimator.posteriorFor(observation.data);
  const truncated = truncatePrior({ key: keyOf(5), prior: linearPrior, posterior, posteriorMass: 0.99 });
  const second = await estimatorFor(truncated, 30, 1500);

  test('simulates where the posterior is, with the prior as density', () => {
    const region = truncated.region!;
    const exact = exactDraws(keyOf(8), observation, 4000);
    const inside = region.containsMany({ shape: [4000, 2], data: exact.data }).filter(Boolean).length;
    // 99 % of the estimated posterior, which is exact to a few per cent of its width.
    expect(inside / 4000).toBeGreaterThan(0.975);
    const draws = truncated.sample(keyOf(6), 500);
    expect(region.containsMany(draws).every(Boolean)).toBe(true);
    expect([...truncated.sample(keyOf(6), 20).data]).toEqual([...draws.data.subarray(0, 40)]);
    const point = draws.data.slice(0, 2);
    expect(truncated.logProb(point) - linearPrior.logProb(point)).toBeCloseTo(-Math.log(region.mass), 10);
    expect(truncated.logProb(Float64Array.of(-3, 4))).toBe(-Infinity);
  });

  test('the region holds the share of the prior that it says', () => {
    const tried = linearPrior.sample(keyOf(77), 20_000);
    const share = truncated.region!.containsMany(tried).filter(Boolean).length / 20_000;
    // A hundred hits behind the one, as many as `share` says behind the other.
    const error = Math.hypot(truncated.region!.mass / 10, Math.sqrt(share / 20_000));
    expect(Math.abs(share - truncated.region!.mass)).toBeLessThan(5 * error);
  });

  test('gives the same posterior, cut to the region, and passes its calibration', () => {
    const exact = exactPosterior(observation.data);
    const again = second.estimator.posteriorFor(observation.data);
    const draws = again.sample(keyOf(9), 20_000);
    expect(truncated.region!.containsMany(draws).every(Boolean)).toBe(true);
    expect(again.leakedFraction).toBeGreaterThan(0);
    expect(again.leakedFraction).toBeLessThan(0.2);
    for (let j = 0; j < 2; j++) {
      const column = draws.data.filter((_, k) => k % 2 === j);
      const mean = column.reduce((sum, v) => sum + v / column.length, 0);
      const sd = Math.sqrt(column.reduce((sum, v) => sum + (v - mean) ** 2, 0) / column.length);
      const exactSd = Math.sqrt(exact.covariance[3 * j]);
      // The estimator of 1215 simulations is good to 0.15 sd; a 99 % region in two dimensions cuts widths by 3 %.
      expect(Math.abs(mean - exact.mean[j]) / exactSd).toBeLessThan(0.25);
      expect(Math.abs(sd / exactSd - 0.97)).toBeLessThan(0.15);
    }
    // 150 held-out simulations reject a bad posterior, but are too few to certify a good one.
    expect(second.calibration.verdict).not.toBe('rejected');
  });

  test('its density is normalised over the region', () => {
    const again = second.estimator.posteriorFor(observation.data);
    const { mean, covariance } = exactPosterior(observation.data);
    const [width, height] = [Math.sqrt(covariance[0]), Math.sqrt(covariance[3])];
    const size = 120;
    const grid = Float64Array.from({ length: 2 * size * size }, (_, i) => {
      const cell = i >> 1;
      const along = (i % 2 === 0 ? cell % size : Math.floor(cell / size)) + 0.5;
      return mean[i % 2] + (i % 2 === 0 ? width : height) * 12 * (along / size - 0.5);
    });
    const logProb = again.logProbMany({ shape: [size * size, 2], data: grid });
    const mass = logProb.reduce((sum, value) => sum + Math.exp(value), 0) * width * height * (12 / size) ** 2;
    // The leaked fraction is measured to 0.35 %, and cells on the edge of the region are in or out as a whole.
    expect(Math.abs(mass - 1)).toBeLessThan(0.04);
  });

  test('draws for other observations lie inside, but for one that has next to no posterior there', () => {
    const near = { shape: [1, observation.data.length], data: observation.data };
    const draws = second.estimator.sampleMany(keyOf(10), near, 500);
    expect(truncated.region!.containsMany({ shape: [500, 2], data: draws.data }).every(Boolean)).toBe(true);
    const far = { ...near, data: observation.data.map((value) => value + 30) };
    const outside = second.estimator.sampleMany(keyOf(10), far, 5);
    expect(outside.data.every(Number.isFinite)).toBe(true);
    expect(truncated.region!.containsMany({ shape: [5, 2], data: outside.data }).some(Boolean)).toBe(false);
  });

  test('simulations outside the region are left out', async () => {
    const outside = simulate(keyOf(4), 400);
    const inside = truncated.region!.containsMany(outside.theta).filter(Boolean).length;
    const result = await runTraining(
      npe({ key: keyOf(2), prior: truncated, ...outside, numHeldOut: 20, training: { maxEpochs: 1 } }),
    );
    if (result.stopped === 'finished') expect(result.ledger.numOutsidePrior).toBe(400 - inside);
  });

  test('a truncated prior may be truncated again', () => {
    const again = second.estimator.posteriorFor(observation.data);
    const twice = truncatePrior({ key: keyOf(6), prior: truncated, posterior: again, posteriorMass: 0.9 });
    const draws = twice.sample(keyOf(7), 400);
    expect(twice.region!.containsMany(draws).every(Boolean)).toBe(true);
    expect(truncated.region!.containsMany(draws).every(Boolean)).toBe(true);
    const tried = linearPrior.sample(keyOf(78), 40_000);
    const share = twice.region!.containsMany(tried).filter(Boolean).length / 40_000;
    // Two shares of a hundred hits each behind the one, as many hits as `share` says behind the other.
    const error = Math.hypot(twice.region!.mass * Math.sqrt(0.02), Math.sqrt(share / 40_000));
    expect(Math.abs(share - twice.region!.mass)).toBeLessThan(4 * error);
    expect(twice.region!.mass).toBeLessThan(0.8 * truncated.region!.mass);
    const point = draws.data.slice(0, 2);
    expect(twice.logProb(point) - linearPrior.logProb(point)).toBeCloseTo(-Math.log(twice.region!.mass), 10);
  });

  test('a mass of one is refused', () => {
    expect(() => truncatePrior({ key: keyOf(5), prior: linearPrior, posterior, posteriorMass: 1 })).toThrow(
      'posteriorMass must be between 0 and 1; got 1',
    );
  });
});
