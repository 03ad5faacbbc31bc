import { largestDifference, relativeError } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import {
  betaQuantile,
  binomialCdf,
  chiSquareSurvival,
  kolmogorovSurvival,
} from '../src/_numerics/distributions.ts';
import { readJson } from './_fixtures.ts';

const scipy = readJson('numpy/results.json');

describe('as SciPy', () => {
  it.each<[number, number, number]>(scipy.chiSquareSurvival)(
    'chi-square %f, %i degrees of freedom',
    (x, k, expected) => {
      // Rounding of a 1 - p where p is near 1, and of logGamma.
      expect(Math.abs(chiSquareSurvival(x, k) - expected)).toBeLessThan(1e-13);
      if (expected > 1e-200 && expected < 0.1)
        expect(relativeError(chiSquareSurvival(x, k), expected)).toBeLessThan(1e-11);
    },
  );

  it.each<[number, number, number, number]>(scipy.betaQuantile)(
    'quantile %f of Beta(%f, %f)',
    (p, a, b, expected) => {
      expect(relativeError(betaQuantile(p, a, b), expected)).toBeLessThan(1e-10);
    },
  );

  it.each<[number, number, number[]]>(scipy.binomialCdf)('binomial of %i, %f', (n, p, expected) => {
    expect(largestDifference(binomialCdf(n, p), expected)).toBeLessThan(1e-13);
  });

  it.each<[number, number, number]>(scipy.kolmogorovSurvival)(
    'Kolmogorov-Smirnov %f, n %i',
    (d, n, expected) => {
      // The limiting law is an approximation, best in the tail.
      if (expected < 0.1) expect(relativeError(kolmogorovSurvival(d, n), expected)).toBeLessThan(0.03);
      else expect(Math.abs(kolmogorovSurvival(d, n) - expected)).toBeLessThan(0.02);
    },
  );
});
