import { relativeError } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import { figureOfMerit, summarizeSamples } from '../src/index.ts';
import { readArray, readJson } from './_fixtures.ts';

const numpy = readJson('numpy/results.json');
const samples = readArray('numpy/samples.npy');

describe('figureOfMerit', () => {
  it('is what NumPy gives', () => {
    expect(relativeError(figureOfMerit(samples, 0, 2), numpy.figureOfMerit)).toBeLessThan(1e-12);
    expect(figureOfMerit(samples, 2, 0)).toBe(figureOfMerit(samples, 0, 2));
  });

  it('grows as the posterior shrinks', () => {
    const half = { shape: samples.shape, data: samples.data.map((value) => value / 2) };
    expect(figureOfMerit(half, 0, 2) / figureOfMerit(samples, 0, 2)).toBeCloseTo(4, 10);
  });

  it('refuses columns that are the same, missing or dependent', () => {
    expect(() => figureOfMerit(samples, 1, 1)).toThrow(
      'diagnostics.figureOfMerit: i, j must be two columns below 3; got 1, 1.',
    );
    expect(() => figureOfMerit(samples, 0, 3)).toThrow('must be two columns below 3; got 0, 3.');
    const line = { shape: [4, 2], data: Float64Array.of(1, 2, 2, 4, 3, 6, 4, 8) };
    expect(() => figureOfMerit(line, 0, 1)).toThrow('samples must vary independently in columns 0 and 1');
  });
});

describe('summarizeSamples', () => {
  it('gives mean, sd and quantiles', () => {
    const [, middle] = summarizeSamples(samples, { names: ['a', 'b', 'c'] });
    middle.quantiles.forEach((value, i) => {
      expect(relativeError(value, numpy.quantiles[i])).toBeLessThan(1e-12);
    });
    const [only] = summarizeSamples(
      { shape: [3, 1], data: Float32Array.of(1, 2, 6) },
      { names: ['x'], probabilities: [0, 1] },
    );
    expect(only).toEqual({ name: 'x', mean: 3, sd: Math.sqrt(7), quantiles: [1, 6] });
  });

  it('refuses names and probabilities that do not fit', () => {
    expect(() => summarizeSamples(samples, { names: ['a'] })).toThrow(
      'names must name every parameter, 3; got 1 names.',
    );
    expect(() => summarizeSamples(samples, { names: ['a', 'b', 'c'], probabilities: [68] })).toThrow(
      'must be from 0 to 1; got 68.',
    );
  });
});
