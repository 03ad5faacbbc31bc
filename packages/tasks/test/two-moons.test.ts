import { c2st } from '@lensfield/diagnostics';
import { keyOf, loadKernels } from '@lensfield/kernels';
import { gradientByDifferences, hasReference, simulatorContract } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { sbibmTwoMoons, simulateMany } from '../src/index.ts';
import { columnMoments } from './_moments.ts';
import { sbibmReference } from './_reference-draws.ts';

const task = sbibmTwoMoons();
const THETA = Float64Array.of(0.3, -0.5);

simulatorContract('two moons', task, THETA, [keyOf(1), keyOf(2)]);

describe('two moons', () => {
  test('data lie on the crescent: radius, angle and centre', () => {
    const n = 5000;
    const theta = { shape: [n, 2], data: Float64Array.from({ length: 2 * n }, (_, i) => THETA[i % 2]!) };
    const { data } = simulateMany(task, { key: keyOf(3), theta }).x;
    const centre = [0.25 - 0.2 / Math.SQRT2, -0.8 / Math.SQRT2] as const;
    const polar = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      const [u, v] = [data[2 * i]! - centre[0], data[2 * i + 1]! - centre[1]];
      polar.set([Math.hypot(u, v), Math.atan2(v, u)], 2 * i);
    }
    const [radius, angle] = columnMoments({ shape: [n, 2], data: polar });
    // Five standard errors: a normal radius, an angle uniform over pi, whose fourth moment makes its width sd / sqrt(5 n) uncertain.
    expect(Math.abs(radius!.mean - 0.1)).toBeLessThan((5 * 0.01) / Math.sqrt(n));
    expect(Math.abs(radius!.sd / 0.01 - 1)).toBeLessThan(5 / Math.sqrt(2 * n));
    const angleSd = Math.PI / Math.sqrt(12);
    expect(Math.abs(angle!.mean)).toBeLessThan((5 * angleSd) / Math.sqrt(n));
    expect(Math.abs(angle!.sd / angleSd - 1)).toBeLessThan(5 / Math.sqrt(5 * n));
  });

  test('the likelihood integrates to one over the data', () => {
    let integral = 0;
    const step = 1e-3;
    for (let i = 0; i < 400; i++) {
      for (let j = 0; j < 400; j++) {
        const x = Float64Array.of(0.1 + (i + 0.5) * step, -0.766 + (j + 0.5) * step);
        integral += Math.exp(task.logLikelihood!(x, THETA)) * step ** 2;
      }
    }
    // Midpoints of a tenth of the crescent's width; the straight edge off the grid costs at most half a cell of its length.
    expect(Math.abs(integral - 1)).toBeLessThan(3e-3);
  });

  test('the score is the gradient of the likelihood', () => {
    for (const theta of [THETA, Float64Array.of(-0.4, 0.1)]) {
      const { x, score } = task.simulateWithScore(keyOf(4), theta);
      const numeric = gradientByDifferences((moved) => task.logLikelihood!(x.data, moved), theta, 1e-5);
      // Steps of a thousandth of the width: truncation 1e-12, rounding 1e-15 / 1e-5 of values of 10.
      numeric.forEach((value, j) => {
        expect(Math.abs(score[j]! - value)).toBeLessThan(1e-6 * (1 + Math.abs(value)));
      });
      const written = new Float64Array(2);
      task.logLikelihood!(x.data, theta, written);
      expect(written).toEqual(score);
    }
  });

  test('off the half plane there is no likelihood', () => {
    const score = new Float64Array(2);
    expect(task.logLikelihood!([-0.5, -0.8] as unknown as Float64Array, THETA, score)).toBe(-Infinity);
    expect(score.every(Number.isNaN)).toBe(true);
  });

  // Both crescents inside; cut by the corners of the prior; one side of data that few radii reach.
  test.each([
    [0, 0],
    [-0.85, 0.4],
    [0.34, 0.1],
    [0.1, -1.25],
  ])(
    'the posterior of (%d, %d) is normalised, is the likelihood, and has the draws of its density',
    (x0, x1) => {
      const x = Float64Array.of(x0, x1);
      const posterior = task.posterior!(x);
      const { data } = posterior.sample(keyOf(5), 4000);
      const density = (theta: Float64Array) => Math.exp(posterior.logProb(theta));
      let integral = 0;
      let weighted = 0;
      const step = 1 / 512;
      for (let i = 0; i < 1024; i++) {
        for (let j = 0; j < 1024; j++) {
          const theta = Float64Array.of(-1 + (i + 0.5) * step, -1 + (j + 0.5) * step);
          const p = density(theta) * step ** 2;
          integral += p;
          if (p > 0) weighted += p * Math.log(p / step ** 2);
        }
      }
      // Cells of a fifth of the crescent's width, and its straight edges between cells: a cell's area times the density along them.
      expect(Math.abs(integral - 1)).toBeLessThan(0.01);
      const logProbs = Float64Array.from({ length: 4000 }, (_, i) =>
        posterior.logProb(Float64Array.of(data[2 * i]!, data[2 * i + 1]!)),
      );
      const { mean, sd } = columnMoments({ shape: [4000, 1], data: logProbs })[0]!;
      // Five standard errors, and the error of the grid.
      expect(Math.abs(mean - weighted)).toBeLessThan((5 * sd) / Math.sqrt(4000) + 0.03);
      const difference = (i: number) => {
        const theta = Float64Array.of(data[2 * i]!, data[2 * i + 1]!);
        return posterior.logProb(theta) - task.logLikelihood!(x, theta);
      };
      for (let i = 1; i < 20; i++) expect(difference(i)).toBeCloseTo(difference(0), 9);
    },
  );

  test('data that no theta makes are refused', () => {
    expect(() => task.posterior!([3, 0] as unknown as Float64Array)).toThrow(
      /x must be data that a theta in \[-1, 1\]\^2 can make/,
    );
  });
});

describe.skipIf(!hasReference('sbibm/two_moons'))('two moons beside its reference posteriors', () => {
  test.each([1, 2, 3])('observation %i', async (number) => {
    const { x, draws } = sbibmReference('two_moons', number);
    const posterior = task.posterior!(x);
    const own = posterior.sample(keyOf(6), 10_000);
    const [ours, theirs] = [own, draws].map((set) => {
      const logProbs = Float64Array.from({ length: 10_000 }, (_, i) =>
        posterior.logProb(Float64Array.of(set.data[2 * i]!, set.data[2 * i + 1]!)),
      );
      // Draws written as float32 may lie beyond the crescent's straight edge by a rounding.
      const kept = logProbs.filter(Number.isFinite);
      expect(kept.length).toBeGreaterThan(9_995);
      return columnMoments({ shape: [kept.length, 1], data: kept })[0]!;
    }) as [{ mean: number; sd: number }, { mean: number; sd: number }];
    // The distribution of the log density: mean and width within five standard errors of 10 000 draws each.
    expect(Math.abs(ours.mean - theirs.mean)).toBeLessThan(5 * theirs.sd * Math.sqrt(2 / 10_000));
    expect(Math.abs(ours.sd / theirs.sd - 1)).toBeLessThan(0.07);
    if (number > 1) return;
    const kernels = await loadKernels();
    const { accuracy } = c2st({ kernels, samples: own, reference: draws, key: keyOf(7), maxSamples: 2000 });
    // Binomial error 0.008, and about as much again from the network.
    expect(accuracy).toBeLessThan(0.54);
  });
});
