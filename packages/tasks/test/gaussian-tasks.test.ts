import { keyOf } from '@lensfield/kernels';
import { gradientByDifferences, hasReference, simulatorContract } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { gaussianLinear, gaussianLinearUniform, simulateMany } from '../src/index.ts';
import { columnMoments } from './_moments.ts';
import { sbibmReference } from './_reference-draws.ts';

const THETA = Float64Array.from({ length: 10 }, (_, i) => (i - 4.5) / 6);

/** Mean of coordinate `j` of a density with independent coordinates, by midpoints. */
function meanAlong(logProb: (theta: Float64Array) => number, j: number): number {
  let mass = 0;
  let first = 0;
  for (let value = -2.9995; value < 3; value += 1e-3) {
    const density = Math.exp(logProb(Float64Array.from(THETA, (other, i) => (i === j ? value : other))));
    mass += density;
    first += density * value;
  }
  return first / mass;
}

for (const task of [gaussianLinear(), gaussianLinearUniform()]) {
  simulatorContract(task.name, task, THETA, [keyOf(1), keyOf(2)]);

  describe(task.name, () => {
    test('data scatter around theta with variance 0.1', () => {
      const n = 2000;
      const theta = { shape: [n, 10], data: Float64Array.from({ length: 10 * n }, (_, i) => THETA[i % 10]!) };
      columnMoments(simulateMany(task, { key: keyOf(3), theta }).x).forEach(({ mean, sd }, j) => {
        // Five standard errors of n normal draws.
        expect(Math.abs(mean - THETA[j]!)).toBeLessThan(5 * Math.sqrt(0.1 / n));
        expect(Math.abs(sd / Math.sqrt(0.1) - 1)).toBeLessThan(5 / Math.sqrt(2 * n));
      });
    });

    test('the score is the gradient of the likelihood, which is normalised', () => {
      const { x, score } = task.simulateWithScore(keyOf(4), THETA);
      const numeric = gradientByDifferences((theta) => task.logLikelihood!(x.data, theta), THETA, 1e-2);
      // A quadratic: differences are exact up to rounding over the step.
      for (const [j, value] of numeric.entries()) expect(score[j]).toBeCloseTo(value, 9);
      // At x = theta ten normal densities of variance 0.1, each 1.2616.
      expect(task.logLikelihood!(THETA, THETA)).toBeCloseTo(10 * Math.log(1.261566261), 8);
    });

    test('the posterior is prior times likelihood, with exact draws', () => {
      const x = THETA.map((value, i) => value + (i % 3) * 0.3);
      const posterior = task.posterior!(x);
      const logPrior = (theta: Float64Array) =>
        task.name === 'gaussian_linear' ? theta.reduce((sum, value) => sum - value ** 2 / 0.2, 0) : 0;
      const difference = (theta: Float64Array) =>
        posterior.logProb(theta) - logPrior(theta) - task.logLikelihood!(x, theta);
      for (const scale of [0.1, 0.5, 1]) {
        expect(difference(THETA.map((value) => scale * value))).toBeCloseTo(difference(THETA), 9);
      }
      // Coordinates are independent: the mean of each is an integral along it. Five standard errors of a width of at most 0.32.
      const n = 4000;
      columnMoments(posterior.sample(keyOf(5), n)).forEach(({ mean }, j) => {
        expect(Math.abs(mean - meanAlong(posterior.logProb, j))).toBeLessThan((5 * 0.32) / Math.sqrt(n));
      });
    });

    test('wrong arguments are refused', () => {
      expect(() => task.simulate(keyOf(1), new Float64Array(9))).toThrow(/theta must have 10 entries/);
      expect(() => task.logLikelihood!(new Float32Array(3), THETA)).toThrow(/x must have 10 values; got 3/);
      expect(() => task.posterior!(new Float32Array(10).fill(Number.NaN))).toThrow(
        /x must be finite; got NaN at index 0/,
      );
    });
  });

  describe.skipIf(!hasReference(`sbibm/${task.name}`))(`${task.name} beside its reference posteriors`, () => {
    test.each([1, 2, 3])('observation %i', (number) => {
      const { x, draws } = sbibmReference(task.name, number);
      const posterior = task.posterior!(x);
      const own = posterior.sample(keyOf(6), 10_000);
      const [ours, theirs] = [own, draws].map((set) => {
        const rows = Array.from({ length: 10_000 }, (_, i) =>
          Float64Array.from(set.data.slice(10 * i, 10 * i + 10)),
        );
        return columnMoments({
          shape: [10_000, 1],
          data: Float64Array.from(rows, (row) => posterior.logProb(row)),
        })[0]!;
      }) as [{ mean: number; sd: number }, { mean: number; sd: number }];
      // Mean log density: five standard errors of the difference of two means of 10 000.
      expect(Math.abs(ours.mean - theirs.mean)).toBeLessThan(5 * theirs.sd * Math.sqrt(2 / 10_000));
      const expected = columnMoments(draws);
      columnMoments(own).forEach(({ mean, sd }, j) => {
        expect(Math.abs(mean - expected[j]!.mean)).toBeLessThan(5 * sd * Math.sqrt(2 / 10_000));
        expect(Math.abs(sd / expected[j]!.sd - 1)).toBeLessThan(5 * Math.sqrt(1 / 10_000));
      });
    });
  });
}

test('the kept normal keeps its digits for data far outside the prior', () => {
  const posterior = gaussianLinearUniform().posterior!(new Float32Array(10).fill(4));
  const { data } = posterior.sample(keyOf(8), 2000);
  expect(data.every((value) => value <= 1 && value > 0.5)).toBe(true);
  // Near the edge the density falls as exp(-(4 - 1) / 0.1 distance): mean distance 1/30, less 1/30^3 / 0.1 of the curvature, 0.0330.
  const { mean } = columnMoments({ shape: [20_000, 1], data })[0]!;
  expect(Math.abs(1 - mean - 0.033)).toBeLessThan(0.0015);
  expect(Number.isFinite(posterior.logProb(new Float64Array(10).fill(0.9)))).toBe(true);
  // Normalised: the integral over one coordinate, the others at their share of it.
  const step = 1e-4;
  let integral = 0;
  for (let theta = -1 + step / 2; theta < 1; theta += step) {
    integral += Math.exp(posterior.logProb(new Float64Array(10).fill(theta)) / 10) * step;
  }
  expect(integral).toBeCloseTo(1, 4);
});
