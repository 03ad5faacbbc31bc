import { foldIn, keyOf, randomIntegers } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { chiSquareSurvival } from '../src/_numerics/distributions.ts';
import { rankUniformity, sbcRanks } from '../src/index.ts';
import { FAULTS, toyInference } from './_toy-inference.ts';

const key = keyOf(3);
const testOf = ({ ranks, numDraws }: ReturnType<typeof sbcRanks>) =>
  rankUniformity(ranks[0], { numDraws, key });

describe('sbcRanks', () => {
  it('counts the draws below the truth', () => {
    const samples = { shape: [2, 3, 1], data: Float64Array.of(1, 2, 3, 4, 5, 6) };
    const { ranks, numDraws } = sbcRanks({
      samples,
      theta: { shape: [2, 1], data: Float64Array.of(2.5, 9) },
    });
    expect(ranks).toEqual([Int32Array.of(2, 3)]);
    expect(numDraws).toBe(3);
  });

  it('places a truth among draws equal to it at random, with a key', () => {
    // Draws and truths that are all equal know nothing: ranks of 0, 1 and 2 equally often.
    const samples = { shape: [900, 2, 1], data: new Float64Array(1800) };
    const theta = { shape: [900, 1], data: new Float64Array(900) };
    const [ranks] = sbcRanks({ samples, theta, key }).ranks;
    for (const rank of [0, 1, 2]) {
      // Binomial standard deviation sqrt(900 * 2/9) = 14.
      expect(Math.abs(ranks.filter((r) => r === rank).length - 300)).toBeLessThan(4 * 14);
    }
    expect(sbcRanks({ samples, theta }).ranks[0].every((r) => r === 0)).toBe(true);
  });

  it('a right posterior passes both tests', () => {
    const test = testOf(sbcRanks(toyInference(3)));
    // A p-value below 0.01 has a chance of 1 %; the key is fixed.
    expect(test.chiSquarePValue).toBeGreaterThan(0.01);
    expect(test.ecdf.pValue).toBeGreaterThan(0.01);
    expect(test.ecdf.isInside).toBe(true);
  });

  it.each(FAULTS)('a posterior %s fails both tests', (_, fault) => {
    const test = testOf(sbcRanks(toyInference(3, fault)));
    expect(test.chiSquarePValue).toBeLessThan(1e-4);
    expect(test.ecdf.pValue).toBeLessThan(0.002);
    expect(test.ecdf.isInside).toBe(false);
  });

  it('too wide is a hump, too narrow a bowl', () => {
    const middleMinusEnds = (width: number) => {
      const { counts } = testOf(sbcRanks(toyInference(3, { width }))).histogram;
      return counts[9] + counts[10] - counts[0] - counts[19];
    };
    expect(middleMinusEnds(1.5)).toBeGreaterThan(0);
    expect(middleMinusEnds(1 / 1.5)).toBeLessThan(0);
  });

  it('refuses shapes that do not fit', () => {
    const samples = { shape: [2, 3, 1], data: new Float64Array(6) };
    expect(() => sbcRanks({ samples, theta: { shape: [3, 1], data: new Float64Array(3) } })).toThrow(
      'diagnostics.sbcRanks: theta must have shape [2, 1] as the samples; got [3, 1].',
    );
  });
});

describe('rankUniformity', () => {
  it('has uniform p-values for uniform ranks', () => {
    const numSets = 100;
    const tests = Array.from({ length: numSets }, (_, i) => {
      const ranks = randomIntegers(foldIn(keyOf(8), i), 150, { min: 0, max: 65 });
      return rankUniformity(ranks, { numDraws: 64, key: foldIn(key, i), numSimulatedSets: 100 });
    });
    for (const pValues of [tests.map((t) => t.chiSquarePValue), tests.map((t) => t.ecdf.pValue)]) {
      const counts = [0, 0, 0, 0];
      for (const p of pValues) counts[Math.min(Math.floor(4 * p), 3)]++;
      const chiSquare = counts.reduce((sum, count) => sum + (count - numSets / 4) ** 2 / (numSets / 4), 0);
      expect(chiSquareSurvival(chiSquare, 3)).toBeGreaterThan(0.001);
    }
    const share = tests.filter((t) => t.ecdf.isInside).length / numSets;
    // 0.95 +- 5 sqrt(0.95 * 0.05 / 100), and the error of a band from 100 sets, 0.02.
    expect(Math.abs(share - 0.95)).toBeLessThan(0.13);
  });

  it('holds the band around the diagonal, and the curve of uniform ranks in it', () => {
    const ranks = randomIntegers(keyOf(4), 300, { min: 0, max: 1001 });
    const { points, values, low, high } = rankUniformity(ranks, { numDraws: 1000, key }).ecdf;
    expect(points.length).toBe(100);
    for (let i = 0; i < points.length; i++) {
      expect(low[i]).toBeLessThanOrEqual(points[i]);
      expect(high[i]).toBeGreaterThanOrEqual(points[i]);
      expect(values[i]).toBeGreaterThanOrEqual(low[i]);
      expect(values[i]).toBeLessThanOrEqual(high[i]);
    }
  });

  it('shares bins out when they do not divide the ranks', () => {
    const { histogram } = rankUniformity(Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), {
      numDraws: 10,
      key,
      numBins: 2,
    });
    expect([...histogram.counts]).toEqual([6, 5]);
    expect(histogram.expected[0]).toBeCloseTo(6);
  });

  it('refuses ranks out of range and too few ranks', () => {
    expect(() => rankUniformity(Int32Array.of(0, 11), { numDraws: 10, key })).toThrow(
      'diagnostics.rankUniformity: ranks must be from 0 to numDraws, 10; got 11.',
    );
    expect(() => rankUniformity(Int32Array.of(0, 1), { numDraws: 10, key })).toThrow(
      'must be a whole number >= 2',
    );
  });
});
