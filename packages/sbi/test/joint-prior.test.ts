import { keyOf } from '@lensfield/kernels';
import { priorContract } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import { fixed, jointPrior, logNormal, normal, paperPrior, priorOf, uniform } from '../src/index.ts';

const mixed = jointPrior({
  omega_c: uniform({ low: 0.1, high: 0.5 }),
  omega_b: fixed(0.0492),
  sigma_8: normal({ mean: 0.8, sd: 0.1 }),
  h_0: fixed(0.6727),
  amplitude: logNormal({ meanLog: 0, sdLog: 0.3 }),
});

priorContract('paperPrior()', paperPrior(), keyOf(3));
priorContract('a prior with fixed parameters', mixed, keyOf(4));

describe('fixed parameters', () => {
  test('are known but not inferred', () => {
    expect(mixed.names).toEqual(['omega_c', 'sigma_8', 'amplitude']);
    expect(mixed.parameterNames).toEqual(['omega_c', 'omega_b', 'sigma_8', 'h_0', 'amplitude']);
    expect(mixed.fixed).toEqual({ omega_b: 0.0492, h_0: 0.6727 });
  });

  test('are put in their places, row by row', () => {
    const full = mixed.complete([0.2, 0.8, 1, 0.3, 0.9, 2]);
    expect([...full]).toEqual([0.2, 0.0492, 0.8, 0.6727, 1, 0.3, 0.0492, 0.9, 0.6727, 2]);
  });

  test('must leave one free', () => {
    expect(() => jointPrior({ a: fixed(1) })).toThrow('must leave at least one free');
  });
});

test('the first draws do not depend on their number', () => {
  const few = paperPrior().sample(keyOf(9), 3).data;
  expect([...paperPrior().sample(keyOf(9), 50).data.slice(0, 18)]).toEqual([...few]);
});

test('the paper prior has the moments of its draws', () => {
  const n = 40_000;
  const { data } = paperPrior().sample(keyOf(11), n);
  // Moments of the truncated ones by the closed form; of the others, the arguments.
  const expected = [
    [0.302567, 0.170461],
    [0.0492, 0.006],
    [0.831, 0.14],
    [0.6727, 0.063],
    [0.9645, 0.08],
    [-1.11052, 0.461122],
  ] as const;
  expected.forEach(([mean, sd], j) => {
    let sum = 0;
    let square = 0;
    for (let i = 0; i < n; i++) sum += data[i * 6 + j]!;
    for (let i = 0; i < n; i++) square += (data[i * 6 + j]! - sum / n) ** 2;
    // Five standard errors of a mean and of a standard deviation of near-normal draws.
    expect(Math.abs(sum / n - mean)).toBeLessThan((5 * sd) / Math.sqrt(n));
    expect(Math.abs(Math.sqrt(square / n) - sd)).toBeLessThan((5 * sd) / Math.sqrt(2 * n));
  });
});

test('a point outside the support has no coordinates and no density', () => {
  const theta = Float64Array.from([-0.01, 0.05, 0.8, 0.7, 1, -1]);
  expect(paperPrior().logProb(theta)).toBe(-Infinity);
  expect(() => paperPrior().toUnconstrained(theta)).toThrow('omega_c must be in [0, Infinity]; got -0.01');
  expect(() => paperPrior().logProb(theta.slice(1))).toThrow('must have 6 values; got 5');
});

describe('a prior as plain data', () => {
  test('comes back the same', () => {
    const again = priorOf(JSON.parse(JSON.stringify(mixed.specification)));
    const theta = mixed.sample(keyOf(1), 1).data;
    expect(again.names).toEqual(mixed.names);
    expect(again.fixed).toEqual(mixed.fixed);
    expect(again.logProb(theta)).toBe(mixed.logProb(theta));
  });

  test('a bare number fixes a parameter', () => {
    expect(priorOf({ a: { distribution: 'normal', mean: 0, sd: 1 }, b: 2 }).fixed).toEqual({ b: 2 });
  });

  test.each([
    [
      { a: { distribution: 'uniform', low: 2, high: 1 } },
      'a must be a valid distribution; sbi.uniform: low must be',
    ],
    [{ a: { distribution: 'gauss', mean: 1 } }, 'a must be a number or have a distribution out of normal'],
    [{ a: { distribution: 'normal', mean: 1 } }, 'a (normal) must have sd; it is missing'],
    [
      { a: { distribution: 'normal', mean: 1, sd: 1, low: 0 } },
      'a (normal) must have only mean, sd; got low',
    ],
    [{ a: { distribution: 'normal', mean: '1', sd: 1 } }, 'mean must be a finite number; got 1'],
    [{ a: Number.NaN }, 'value must be a finite number; got NaN'],
    [{ a: null }, 'must be a number or have a distribution'],
  ])('%j is refused', (specification, message) => {
    expect(() => priorOf(specification as never)).toThrow(message);
  });
});
