import { keyOf } from '@lensfield/kernels';
import { gradientByDifferences, hasReference, largestDifference } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { twoMoonsDensity } from '../src/index.ts';
import { columnMoments } from './_moments.ts';
import { referenceArray } from './_reference-draws.ts';

const density = twoMoonsDensity();

describe('density of two moons', () => {
  test('integrates to one', () => {
    let integral = 0;
    for (let i = 0; i < 10_000; i++) {
      const point = Float64Array.of(((i % 100) + 0.5) / 100, (Math.floor(i / 100) + 0.5) / 100);
      integral += Math.exp(density.logProb(point)) / 10_000;
    }
    // Points one standard deviation apart sum a Gaussian to 2 exp(-2 pi^2) = 5e-9; the square holds all but 1e-20 of it.
    expect(integral).toBeCloseTo(1, 7);
  });

  test('draws have its entropy, mean and score', () => {
    const n = 5000;
    const draws = density.sample(keyOf(1), n);
    expect(density.sample(keyOf(1), n).data).toEqual(draws.data);
    const logProbs = Float64Array.from({ length: n }, (_, i) =>
      density.logProb(Float64Array.of(draws.data[2 * i]!, draws.data[2 * i + 1]!)),
    );
    const { mean, sd } = columnMoments({ shape: [n, 1], data: logProbs })[0]!;
    let expected = 0;
    const step = 1 / 200;
    for (let i = 0; i < 40_000; i++) {
      const logProb = density.logProb(
        Float64Array.of(((i % 200) + 0.5) * step, (Math.floor(i / 200) + 0.5) * step),
      );
      expected += Math.exp(logProb) * logProb * step ** 2;
    }
    // Five standard errors; points half a standard deviation apart leave 1e-6.
    expect(Math.abs(mean - expected)).toBeLessThan((5 * sd) / Math.sqrt(n));
    for (const column of columnMoments(density.scoreOf(draws))) {
      expect(Math.abs(column.mean)).toBeLessThan((5 * column.sd) / Math.sqrt(n));
    }
  });

  test('the score is the gradient', () => {
    const { data } = density.sample(keyOf(2), 10);
    const { data: scores } = density.scoreOf({ shape: [10, 2], data });
    for (let i = 0; i < 10; i++) {
      const point = Float64Array.from(data.subarray(2 * i, 2 * i + 2));
      const numeric = gradientByDifferences((moved) => density.logProb(moved), point, 1e-4);
      // A hundredth of the width: truncation 1e-8 of curvatures of 1e4.
      numeric.forEach((value, j) => {
        expect(Math.abs(scores[2 * i + j]! - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
      });
    }
  });

  test('wrong arguments are refused', () => {
    expect(() => density.scoreOf({ shape: [2], data: new Float32Array(2) })).toThrow(
      /theta must have shape \[n, 2\]; got \[2\]/,
    );
    expect(() => density.logProb(Float64Array.of(Number.NaN, 0))).toThrow(/theta_1 must be finite; got NaN/);
  });
});

describe.skipIf(!hasReference('two_moons/truth_prob.npy'))(
  'density of two moons beside the published grids',
  () => {
    test('log density on the grid', () => {
      const { data } = referenceArray('two_moons/truth_prob.npy');
      const ours = data.map((_, i) =>
        density.logProb(Float64Array.of((i % 128) / 127, Math.floor(i / 128) / 127)),
      );
      // Float32 of values down to -1325.
      expect(largestDifference(ours, data)).toBeLessThan(4e-4);
    });

    test('scores of the published draws', () => {
      const theta = referenceArray('two_moons/truth_sample.npy');
      // Float32 of scores of up to 500.
      expect(
        largestDifference(density.scoreOf(theta).data, referenceArray('two_moons/truth_score.npy').data),
      ).toBeLessThan(4e-4);
    });
  },
);
