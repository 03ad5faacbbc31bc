import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { largestDifference } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import { autocovariance, essBulk, essMean, mcseMean, rhat, summarizeChains } from '../src/index.ts';

/** Chains of independent standard normal draws, changed by `change(value, chain, draw)`. */
function draws(
  numChains: number,
  numDraws: number,
  change = (value: number, _chain: number, _draw: number) => value,
) {
  const normal = normalFloat64(keyOf(7), numChains * numDraws);
  return {
    shape: [numChains, numDraws],
    data: normal.map((value, i) => change(value, Math.floor(i / numDraws), i % numDraws)),
  };
}

describe('autocovariance', () => {
  it('is the direct sum', () => {
    const chain = draws(1, 77).data;
    const mean = chain.reduce((sum, value) => sum + value, 0) / 77;
    const direct = Float64Array.from({ length: 77 }, (_, lag) => {
      let sum = 0;
      for (let i = 0; i + lag < 77; i++) sum += (chain[i] - mean) * (chain[i + lag] - mean);
      return sum / 77;
    });
    expect(largestDifference(autocovariance(chain), direct)).toBeLessThan(1e-13);
  });
});

describe('bad chains are caught', () => {
  it('good ones pass', () => expect(rhat(draws(4, 500))).toBeLessThan(1.01));
  it('a shifted chain', () =>
    expect(rhat(draws(4, 500, (v, chain) => (chain === 0 ? v + 1 : v)))).toBeGreaterThan(1.05));
  it('a chain too wide', () =>
    expect(rhat(draws(4, 500, (v, chain) => (chain === 0 ? 3 * v : v)))).toBeGreaterThan(1.1));
  it('a drift within every chain', () =>
    expect(rhat(draws(4, 500, (v, _, t) => v + t / 200))).toBeGreaterThan(1.1));
  it('one drifting chain', () => expect(rhat(draws(1, 500, (v, _, t) => v + t / 200))).toBeGreaterThan(1.1));
  it('chains that repeat each draw ten times', () => {
    const normal = draws(4, 500).data;
    const slow = draws(4, 500, (_, chain, t) => normal[chain * 500 + Math.floor(t / 10)]);
    // 200 independent draws; the estimate has a few tens of percent error.
    expect(essBulk(slow)).toBeLessThan(300);
    expect(essBulk(slow)).toBeGreaterThan(100);
  });
});

describe('arguments', () => {
  it('takes one chain, an odd length and float32', () => {
    const odd = draws(1, 501);
    expect(essMean(odd)).toBeGreaterThan(300);
    const narrow = { shape: odd.shape, data: Float32Array.from(odd.data) };
    expect(mcseMean(narrow)).toBeCloseTo(mcseMean(odd), 5);
  });

  it('refuses NaN, a wrong shape and short chains', () => {
    const bad = draws(2, 10);
    bad.data[3] = Number.NaN;
    expect(() => rhat(bad)).toThrow('diagnostics.rhat: draws must be finite; got NaN at index 3.');
    expect(() => essBulk({ shape: [20], data: bad.data })).toThrow(
      'diagnostics.essBulk: draws must have shape [chains, draws] that fits its values; got [20] with 20 values.',
    );
    expect(() => essBulk({ shape: [2, 3], data: new Float64Array(6) })).toThrow(
      'at least 1 chain of 4 draws; got [2, 3]',
    );
  });
});

it('summarizeChains gives each parameter its own diagnostics', () => {
  const [a, b] = [draws(4, 100), draws(4, 100, (value, chain) => 10 + value + chain)];
  const data = Float64Array.from({ length: 800 }, (_, i) => (i % 2 === 0 ? a : b).data[i >> 1]);
  const [first, second] = summarizeChains({ shape: [4, 100, 2], data }, { names: ['a', 'b'] });
  expect(first).toMatchObject({ name: 'a', rhat: rhat(a), essBulk: essBulk(a), mcseMean: mcseMean(a) });
  expect(second.rhat).toBe(rhat(b));
  expect(second.rhat).toBeGreaterThan(1.2);
  // sd of uniform chain means 0 ... 3 plus unit noise: sqrt(1 + 5/4), within a few percent for 400 draws.
  expect(second.sd).toBeCloseTo(1.5, 0);
});
