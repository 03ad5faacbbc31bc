import { foldIn, keyOf, loadKernels, normalFloat64, splitKey } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { type Lc2stOptions, lc2st } from '../src/index.ts';

const kernels = await loadKernels({ threads: 1 });

interface Fault {
  /** The posterior's mean is this much too high, in its standard deviations, at x = +1, and as much too low at x = -1. */
  readonly tilt?: number;
  readonly isPrior?: boolean;
}

/** theta ~ N(0, 1), x = theta + N(0, 1): truths and draws scaled by the right posterior's mean x / 2 and sd, observed at x = 1. */
function toy(seed: number, { tilt = 0, isPrior = false }: Fault, n = 400): Omit<Lc2stOptions, 'key'> {
  const [thetaKey, noiseKey, drawKey, observedKey] = splitKey(keyOf(seed), 4);
  const theta = normalFloat64(thetaKey, n);
  const x = normalFloat64(noiseKey, n).map((e, i) => theta[i] + e);
  const scaled = (value: number, seen: number) => (value - seen / 2) / Math.SQRT1_2;
  const draw = (z: number, seen: number) => (isPrior ? scaled(z, seen) : z + tilt * seen);
  return {
    theta: { shape: [n, 1], data: theta.map((value, i) => scaled(value, x[i])) },
    samples: { shape: [n, 1], data: normalFloat64(drawKey, n).map((z, i) => draw(z, x[i])) },
    summaries: { shape: [n, 1], data: x },
    observation: Float64Array.of(1),
    observedSamples: { shape: [300, 1], data: normalFloat64(observedKey, 300).map((z) => draw(z, 1)) },
    kernels,
  };
}

describe('lc2st', () => {
  it('rejects right posteriors as often as it says', () => {
    const numTrials = 100;
    const pValues = Array.from({ length: numTrials }, (_, i) => {
      const key = foldIn(keyOf(1), i);
      return lc2st({ ...toy(500 + i, {}, 60), key, numPermutations: 4, maxEpochs: 4, hiddenUnits: [8] })
        .pValue;
    });
    // 1/5, 2/5, ... 1 equally often: a binomial standard deviation of 4 of 100, and five of them.
    for (const p of [0.2, 0.4, 0.6, 0.8, 1]) {
      expect(Math.abs(pValues.filter((value) => Math.abs(value - p) < 1e-9).length - 20)).toBeLessThan(16);
    }
  });

  it.each([
    ['is the prior', { isPrior: true }],
    ['follows the data too much', { tilt: 0.8 }],
  ])('rejects a posterior that %s', (_, fault) => {
    const right = lc2st({ ...toy(3, {}), key: keyOf(4), numPermutations: 19 });
    const wrong = lc2st({ ...toy(3, fault), key: keyOf(4), numPermutations: 19 });
    // The smallest that 19 permutations give.
    expect(wrong.pValue).toBeCloseTo(1 / 20, 12);
    expect(wrong.statistic).toBeGreaterThan(2 * right.statistic);
    expect(right.pValue).toBeGreaterThan(0.05);
  });

  it('says where the posterior has too much density', () => {
    // At x = 1 it lies 0.8 sd too high: draws above are too many, those below too few.
    const data = toy(3, { tilt: 0.8 });
    const { probabilities } = lc2st({ ...data, key: keyOf(4), numPermutations: 1 });
    const at = (isThere: (value: number) => boolean) => {
      const there = probabilities.filter((_, i) => isThere(data.observedSamples.data[i]));
      return there.reduce((sum, p) => sum + p, 0) / there.length;
    };
    expect(at((value) => value > 1.5)).toBeGreaterThan(0.55);
    expect(at((value) => value < -0.2)).toBeLessThan(0.45);
  });

  it('gives the same result for the same key', () => {
    const options = { ...toy(5, {}, 50), key: keyOf(6), numPermutations: 3 };
    expect(lc2st(options)).toEqual(lc2st(options));
  });

  it('refuses what does not fit', () => {
    const options = { ...toy(5, {}, 20), key: keyOf(6) };
    const ones = { shape: [20, 1], data: new Float64Array(20).fill(1) };
    expect(() => lc2st({ ...options, summaries: ones })).toThrow(
      'diagnostics.lc2st: summaries must vary in every column; got 1 always in column 0.',
    );
    expect(() => lc2st({ ...options, observation: new Float64Array(2) })).toThrow(
      'summaries must have shape [20, 2]; got [20, 1].',
    );
    expect(() => lc2st({ ...options, samples: { shape: [19, 1], data: new Float64Array(19) } })).toThrow(
      'samples must have shape [20, 1]; got [19, 1].',
    );
    expect(() => lc2st({ ...options, numPermutations: 0 })).toThrow(
      'numPermutations must be a whole number >= 1',
    );
  });
});
