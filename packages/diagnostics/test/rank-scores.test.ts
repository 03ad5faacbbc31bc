import { foldIn, keyOf, randomIntegers } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { kolmogorovSurvival } from '../src/_numerics/distributions.ts';
import { rankScores, sbcRanks } from '../src/index.ts';
import { type Fault, toyInference } from './_toy-inference.ts';

const scoresOf = (seed: number, fault: Fault, numDraws = 400) => {
  const { ranks } = sbcRanks(toyInference(seed, fault, 500, numDraws, 1));
  return rankScores(ranks[0], { numDraws, key: foldIn(keyOf(9), seed) });
};

describe('rankScores', () => {
  it.each([
    ['right', {}],
    ['1.2 times too wide', { width: 1.2 }],
    ['0.8 times too narrow', { width: 0.8 }],
    ['shifted by 0.3 sd', { shift: 0.3 }],
  ])('measures a posterior that is %s', (_, { width = 1, shift = 0 }: Fault) => {
    const { mean, sd } = scoresOf(11, { width, shift });
    // Truth = centre - shift + sd z: a mean of -shift / width and an sd of 1 / width, with standard errors of that over sqrt(n) and sqrt(2 n).
    expect(Math.abs(mean + shift / width)).toBeLessThan(4 / width / Math.sqrt(500));
    expect(Math.abs(sd - 1 / width)).toBeLessThan(4 / width / Math.sqrt(1000));
  });

  it('sees each fault with the test that is for it', () => {
    const wide = scoresOf(12, { width: 1.2 });
    expect(wide.sdPValue).toBeLessThan(1e-3);
    expect(wide.meanPValue).toBeGreaterThan(0.01);
    const shifted = scoresOf(12, { shift: 0.3 });
    expect(shifted.meanPValue).toBeLessThan(1e-3);
    expect(shifted.sdPValue).toBeGreaterThan(0.01);
  });

  it.each([
    [10, 3],
    [1000, 9],
    [30, 999],
  ])('has uniform p-values for %i uniform ranks among %i draws', (numRanks, numDraws) => {
    const numSets = 1000;
    const sets = Array.from({ length: numSets }, (_, i) => {
      const ranks = randomIntegers(foldIn(keyOf(21), i), numRanks, { min: 0, max: numDraws + 1 });
      return rankScores(ranks, { numDraws, key: foldIn(keyOf(22), i) });
    });
    for (const pValues of [sets.map((s) => s.meanPValue), sets.map((s) => s.sdPValue)]) {
      const ordered = pValues.toSorted((a, b) => a - b);
      const distance = Math.max(...ordered.map((p, i) => Math.max((i + 1) / numSets - p, p - i / numSets)));
      // Six of these at 1e-3 each: a fixed key, and a chance of 0.6 % that it would have been an unlucky one.
      expect(kolmogorovSurvival(distance, numSets)).toBeGreaterThan(1e-3);
    }
    // Kolmogorov's law is a limit; from ten ranks on it is good to two points in a hundred, and a share of 1000 to 0.7 points.
    const share = sets.filter((s) => s.pValue < 0.05).length / numSets;
    expect(Math.abs(share - 0.05)).toBeLessThan(0.02 + 3 * 0.007);
  });

  it('refuses ranks out of range and a single rank', () => {
    const options = { numDraws: 10, key: keyOf(1) };
    expect(() => rankScores(Int32Array.of(0, 11), options)).toThrow(
      'diagnostics.rankScores: ranks must be from 0 to numDraws, 10; got 11.',
    );
    expect(() => rankScores(Int32Array.of(3), options)).toThrow('ranks.length must be a whole number >= 2');
  });
});
