import { cholesky, keyOf } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { adaptProposal, resample, weightedDraws } from '../src/sampling/importance.ts';

const MEAN = [3, -2, 0.5];
const SDS = [0.1, 1, 0.02];
const LOG_MASS = 4.2;

/** exp(4.2) times N(mean, diag sd^2). */
const gaussian = (points: Float64Array): Float64Array =>
  Float64Array.from({ length: points.length / 3 }, (_, row) =>
    MEAN.reduce((sum, mean, j) => {
      const z = (points[3 * row + j]! - mean) / SDS[j]!;
      return sum - (z * z) / 2 - Math.log(SDS[j]!) - Math.log(2 * Math.PI) / 2;
    }, LOG_MASS),
  );

const start = { centre: new Float64Array(3), factor: Float64Array.of(1, 0, 0, 0.2, 1, 0, 0, 0, 1) };

describe('a Gaussian far from the first proposal and much narrower', () => {
  const proposal = adaptProposal(gaussian, start, keyOf(1));
  const draws = weightedDraws(gaussian, proposal, keyOf(2), 20_000);

  test('is fitted: most draws count', () => {
    // A Student t of 5 degrees with the covariance of a Gaussian in three dimensions: some 0.7 of the draws.
    expect(draws.effectiveSampleSize).toBeGreaterThan(0.5 * 20_000);
  });

  test('has its mass as evidence', () => {
    expect(draws.standardError).toBeLessThan(0.01);
    expect(Math.abs(draws.logEvidence - LOG_MASS)).toBeLessThan(5 * draws.standardError);
  });

  test('has its moments after resampling', () => {
    const points = resample(keyOf(3), draws, 8000);
    for (let j = 0; j < 3; j++) {
      const column = points.filter((_, i) => i % 3 === j);
      const mean = column.reduce((sum, value) => sum + value / 8000, 0);
      const sd = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2 / 8000, 0));
      // Five standard errors of 8000 draws with weights behind them that leave half.
      expect(Math.abs(mean - MEAN[j]!) / SDS[j]!).toBeLessThan(5 / Math.sqrt(4000));
      expect(Math.abs(sd / SDS[j]! - 1)).toBeLessThan(5 / Math.sqrt(2 * 4000));
    }
  });
});

test('points without a density have no weight, and a density that is nowhere none at all', () => {
  const right = (points: Float64Array) =>
    gaussian(points).map((value, row) => (points[3 * row]! > 3 ? value : row % 2 ? Number.NaN : -Infinity));
  const proposal = {
    centre: Float64Array.from(MEAN),
    factor: cholesky(Float64Array.of(0.01, 0, 0, 0, 1, 0, 0, 0, 4e-4), 3),
  };
  const draws = weightedDraws(right, proposal, keyOf(4), 5000);
  expect(
    resample(keyOf(5), draws, 500)
      .filter((_, i) => i % 3 === 0)
      .every((x) => x > 3),
  ).toBe(true);
  expect(Math.abs(draws.logEvidence - LOG_MASS + Math.LN2)).toBeLessThan(5 * draws.standardError);
  const none = weightedDraws(
    (points) => new Float64Array(points.length / 3).fill(-Infinity),
    proposal,
    keyOf(4),
    50,
  );
  expect(none.effectiveSampleSize).toBe(0);
});
