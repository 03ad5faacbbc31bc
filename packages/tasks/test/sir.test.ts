import { keyOf, uniformFloat64 } from '@lensfield/kernels';
import { gradientByDifferences, hasReference, simulatorContract } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { simulateMany, sir } from '../src/index.ts';
import { binomialLogProb, binomialQuantile } from '../src/sbibm/binomial.ts';
import { columnMoments } from './_moments.ts';
import { sbibmReference } from './_reference-draws.ts';
import { steinDeviations } from './_stein-identity.ts';

const task = sir();
const THETA = Float64Array.of(0.5, 0.12);

simulatorContract('SIR', task, THETA, [keyOf(1), keyOf(2)]);

describe('binomial draws', () => {
  test.each([0, 1e-6, 0.003, 0.4, 0.7, 0.9999, 1])(
    'have mean and variance of probability %d',
    (probability) => {
      const n = 20_000;
      const counts = Float64Array.from(uniformFloat64(keyOf(3), n), (u) =>
        binomialQuantile(u, 1000, probability),
      );
      const { mean, sd } = columnMoments({ shape: [n, 1], data: counts })[0]!;
      const variance = 1000 * probability * (1 - probability);
      // Five standard errors (and rounding); the kurtosis of a rare count adds 1 / variance to the variance of a variance.
      expect(Math.abs(mean - 1000 * probability)).toBeLessThan(5 * Math.sqrt(variance / n) + 1e-6);
      expect(Math.abs(sd ** 2 - variance)).toBeLessThan(
        5 * variance * Math.sqrt((2 + 1 / (variance || 1)) / n) + 1e-6,
      );
    },
  );

  test('the log probabilities sum to one and are those of the quantile', () => {
    for (const probability of [0.002, 0.3, 0.8]) {
      let cumulative = 0;
      for (let count = 0; count <= 1000; count++) {
        const p = Math.exp(binomialLogProb(count, 1000, Math.log(probability)));
        // The count of a uniform in the middle of its step.
        if (p > 1e-9) expect(binomialQuantile(cumulative + p / 2, 1000, probability)).toBe(count);
        cumulative += p;
      }
      expect(cumulative).toBeCloseTo(1, 10);
    }
  });
});

describe('SIR', () => {
  test('counts follow an epidemic integrated by hand', () => {
    const n = 2000;
    const theta = { shape: [n, 2], data: Float64Array.from({ length: 2 * n }, (_, i) => THETA[i % 2]!) };
    const moments = columnMoments(simulateMany(task, { key: keyOf(4), theta }).x);
    const infected = slowEpidemic(THETA[0]!, THETA[1]!);
    moments.forEach(({ mean, sd }, i) => {
      const share = infected[i]! / 1e6;
      const variance = 1000 * share * (1 - share);
      expect(Math.abs(mean - 1000 * share)).toBeLessThan(5 * Math.sqrt(variance / n) + 1e-3);
      expect(Math.abs(sd ** 2 - variance)).toBeLessThan(
        5 * variance * Math.sqrt((2 + 1 / variance) / n) + 1e-2,
      );
    });
  });

  test('the score is the gradient of the likelihood, at typical and at slow epidemics', () => {
    for (const theta of [THETA, Float64Array.of(0.15, 0.2)]) {
      const { x, score } = task.simulateWithScore(keyOf(5), theta);
      const numeric = gradientByDifferences(
        (logs) => task.logLikelihood!(x.data, logs.map(Math.exp)),
        theta.map(Math.log),
        1e-3,
      );
      // Shares are within 1e-6, which differences over 1e-3 make 1e-3 of counts' residuals.
      numeric.forEach((value, j) => {
        expect(Math.abs(theta[j]! * score[j]! - value)).toBeLessThan(1e-3 * (1 + Math.abs(value)));
      });
      const written = new Float64Array(2);
      task.logLikelihood!(x.data, theta, written);
      expect(written).toEqual(score);
    }
  });

  test('wrong data are refused', () => {
    expect(() => task.jointDensity!(new Float32Array(10).fill(0.5))).toThrow(
      /whole numbers from 0 to 1000; got 0.5/,
    );
    expect(() => task.simulate(keyOf(1), Float64Array.of(0, 1))).toThrow(/beta must be above 0; got 0/);
  });

  test.skipIf(!hasReference('sbibm/sir')).each([1, 2, 3])(
    'observation %i: the reference posterior is that of our likelihood',
    (number) => {
      const { x, draws } = sbibmReference('sir', number);
      const centre = [Math.log(0.4), Math.log(0.125)];
      const positions = draws.data.map((value, i) => (Math.log(value) - centre[i % 2]!) / [0.5, 0.2][i % 2]!);
      const deviations = steinDeviations(task.jointDensity!(x), {
        shape: [2000, 2],
        data: positions.subarray(0, 4000),
      });
      for (const { identity, value, standardError } of deviations) {
        expect(Math.abs(value), identity).toBeLessThan(5 * standardError);
      }
    },
  );
});

/** Infected people on the ten days, by 2000 Runge-Kutta steps between two of them. */
function slowEpidemic(beta: number, gamma: number): number[] {
  let [s, i] = [1e6 - 1, 1];
  const slope = (a: number, b: number) => [(-beta * a * b) / 1e6, (beta * a * b) / 1e6 - gamma * b] as const;
  const h = 17 / 2000;
  return Array.from({ length: 10 }, (_, day) => {
    for (let step = 0; day > 0 && step < 2000; step++) {
      const [a1, b1] = slope(s, i);
      const [a2, b2] = slope(s + (h / 2) * a1, i + (h / 2) * b1);
      const [a3, b3] = slope(s + (h / 2) * a2, i + (h / 2) * b2);
      const [a4, b4] = slope(s + h * a3, i + h * b3);
      s += (h / 6) * (a1 + 2 * a2 + 2 * a3 + a4);
      i += (h / 6) * (b1 + 2 * b2 + 2 * b3 + b4);
    }
    return i;
  });
}
