import { keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { expectedCoverage } from '../src/index.ts';
import { FAULTS, toyInference } from './_toy-inference.ts';

const key = keyOf(6);

describe('expectedCoverage', () => {
  it('a right posterior passes', () => {
    const curve = expectedCoverage({ ...toyInference(4), key });
    expect(curve.pValue).toBeGreaterThan(0.01);
    expect(curve.coverage[0]).toBe(0);
    expect(curve.coverage.at(-1)).toBe(1);
  });

  it.each(FAULTS)('a posterior %s fails', (_, fault) => {
    expect(expectedCoverage({ ...toyInference(4, fault), key }).pValue).toBeLessThan(0.001);
  });

  it('regions of a posterior too wide hold the truth more often than they say', () => {
    // P(chi^2_2 < 1.5^2 q) where P(chi^2_2 < q) = 1/2: 1 - 2^-2.25 = 0.790, binomial error 0.018.
    const { levels, coverage } = expectedCoverage({ ...toyInference(4, { width: 1.5 }), key });
    expect(Math.abs(coverage[levels.indexOf(0.5)] - 0.79)).toBeLessThan(5 * 0.018);
  });

  it('has no draws too few: five give a right posterior uniform levels, and 2000 simulations find no fault', () => {
    const curve = expectedCoverage({ ...toyInference(14, {}, 2000, 5), key });
    expect(curve.pValue).toBeGreaterThan(0.01);
    expect(curve.scores.meanPValue).toBeGreaterThan(0.01);
    expect(curve.scores.sdPValue).toBeGreaterThan(0.01);
  });

  it('the mean score tells too wide from too narrow', () => {
    const scoresOf = (width: number) => expectedCoverage({ ...toyInference(4, { width }), key }).scores;
    expect(scoresOf(1.2).mean).toBeLessThan(0);
    expect(scoresOf(0.8).mean).toBeGreaterThan(0);
    for (const width of [1.2, 0.8]) expect(scoresOf(width).meanPValue).toBeLessThan(1e-3);
  });

  it('refuses log densities that do not fit or are not finite', () => {
    const toy = toyInference(4, {}, 10, 5);
    expect(() => expectedCoverage({ ...toy, thetaLogProb: new Float64Array(9), key })).toThrow(
      'one value per simulation, 10',
    );
    toy.thetaLogProb[2] = Number.NEGATIVE_INFINITY;
    expect(() => expectedCoverage({ ...toy, key })).toThrow(
      'thetaLogProb must be finite; got -Infinity at index 2.',
    );
  });
});
