import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import { foldIn, keyOf, loadKernels, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { type CertifyOptions, certify, jointPrior, uniform } from '../src/index.ts';
import { exactDraws, exactLogProbs, linearPrior, simulate } from './_linear-gaussian.ts';

/** The exact posterior, with widths times `widening` and moved up by `shift` of its standard deviations in every parameter. */
function certified(
  seed: number,
  { widening = 1, shift = 0 } = {},
  n = 500,
  extra: Partial<CertifyOptions> = {},
) {
  return certify({
    key: keyOf(seed),
    prior: linearPrior,
    sampleMany: (key, summaries, draws) => exactDraws(key, summaries, draws, widening, shift),
    logProbMany: (theta, summaries) => exactLogProbs(theta, summaries, widening, shift),
    ...simulate(keyOf(1000 + seed), n),
    ...extra,
  });
}

describe('an exact posterior', () => {
  const certificate = certified(1);

  test('passes', () => {
    expect(certificate.verdict).toBe('passed');
    expect(certificate.passed).toBe(true);
    expect(certificate.statement).toContain('Passed 12 tests on 500 simulations, which catch known faults');
    expect(certificate.sbc.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(certificate.sbc[0].ranks).toHaveLength(500);
  });

  test('comes with controls that the gate catches, each by the test that is for it', () => {
    const [wide, narrow, shifted] = certificate.controls;
    for (const control of certificate.controls) expect(control.isCaught).toBe(true);
    expect(wide.caughtBy[0].test).toMatch(/width|coverage/);
    expect(narrow.caughtBy[0].test).toMatch(/width|coverage/);
    expect(shifted.caughtBy[0].test).toMatch(/shift/);
    expect(certificate.controls.map(({ numTrials }) => numTrials)).toEqual([20, 20, 20]);
  });

  test('gives the same certificate for the same key', () => {
    expect(certified(1)).toEqual(certificate);
  });
});

describe('over many trials', () => {
  const numTrials = 20;
  const shareOfRejected = (fault: { widening?: number; shift?: number }) => {
    const trials = Array.from({ length: numTrials }, (_, i) =>
      certified(100 + i, fault, 500, { numControlTrials: 1, numDraws: 60 }),
    );
    return trials.filter(({ verdict }) => verdict === 'rejected').length / numTrials;
  };

  test('at most 2 % of exact posteriors are rejected', () => {
    // More than two of 20 with a chance of 0.7 % if 2 % are rejected: the key is fixed.
    expect(shareOfRejected({})).toBeLessThanOrEqual(2 / numTrials);
  });

  test.each([
    ['a posterior too wide by 20 %', { widening: 1.2 }],
    ['one too narrow by 20 %', { widening: 0.8 }],
    ['one shifted by 0.3 sd', { shift: 0.3 }],
  ])('%s is rejected', (_, fault) => {
    // 95 % less three binomial standard errors of 20 trials, 4.9 % each.
    expect(shareOfRejected(fault)).toBeGreaterThan(0.95 - 3 * 0.049);
  });
});

test('a posterior too wide is rejected in words', () => {
  const certificate = certified(3, { widening: 1.5 });
  expect(certificate.verdict).toBe('rejected');
  expect(certificate.statement).toMatch(/^Rejected by 12 tests on 500 simulations: .*width/);
  const [a] = certificate.sbc;
  // 1 / 1.5 with a standard error of that over sqrt(1000).
  expect(Math.abs(a.scores.sd - 1 / 1.5)).toBeLessThan((4 / 1.5) * Math.sqrt(1 / 1000));
  // The controls are worlds of their own: a wrong estimator is told apart from its own faults.
  for (const control of certificate.controls) expect(control.isCaught).toBe(true);
});

test('says so where too few simulations could not have told', () => {
  const certificate = certified(4, {}, 30);
  expect(certificate.verdict).toBe('no power');
  expect(certificate.passed).toBe(false);
  expect(certificate.statement).toMatch(/^No power: 12 tests on 30 simulations reject nothing, but miss/);
});

test('corrected p-values are those of Holm, and decide', () => {
  const { tests, level } = certified(5, { shift: 0.15 }, 500, { numControlTrials: 1 });
  const least = Math.min(...tests.map(({ pValue }) => pValue));
  expect(Math.min(...tests.map(({ correctedPValue }) => correctedPValue))).toBeCloseTo(
    Math.min(1, tests.length * least),
    12,
  );
  for (const { correctedPValue, isRejected } of tests) expect(isRejected).toBe(correctedPValue <= level);
});

test('works in unconstrained coordinates: a right posterior on the edges of a uniform prior is not rejected', () => {
  // x = theta + noise with theta uniform: draws by rejection, whose posterior ends at the bounds.
  const prior = jointPrior({ a: uniform({ low: 0, high: 1 }) });
  const theta = prior.sample(keyOf(131), 600);
  const noise = normalFloat64(keyOf(132), 600);
  const summaries = { shape: [600, 1], data: Float32Array.from(theta.data, (t, i) => t + 0.3 * noise[i]) };
  const sampleMany = (key: Key, seen: NdArray<Float32Array>, draws: number): NdArray<FloatArray> => {
    const data = new Float64Array(seen.data.length * draws);
    seen.data.forEach((x, row) => {
      for (let round = 0, filled = 0; filled < draws; round++) {
        for (const z of normalFloat64(foldIn(foldIn(key, row), round), 4 * draws)) {
          const t = x + 0.3 * z;
          if (filled < draws && t > 0 && t < 1) data[row * draws + filled++] = t;
        }
      }
    });
    return { shape: [seen.data.length, draws, 1], data };
  };
  const certificate = certify({ key: keyOf(33), prior, sampleMany, theta, summaries, numControlTrials: 1 });
  expect(certificate.verdict).not.toBe('rejected');
});

test('a posterior that is only the prior: the local test sees what ranks cannot', async () => {
  const kernels = await loadKernels({ threads: 1 });
  const held = simulate(keyOf(40), 400);
  const certificate = certify({
    key: keyOf(41),
    prior: linearPrior,
    sampleMany: (key, { shape }, draws) => ({
      shape: [shape[0], draws, 2],
      data: linearPrior.sample(key, shape[0] * draws).data,
    }),
    ...held,
    local: { kernels, observation: held.summaries.data.slice(0, 3) },
  });
  expect(certificate.tests.filter(({ isRejected }) => isRejected).map(({ name }) => name)).toEqual(['lc2st']);
  expect(certificate.local!.nullStatistics).toHaveLength(99);
});

test.each([
  ['too few simulations', 5, {}, 'theta must have shape [n, 2] with at least 10 simulations; got [5, 2]'],
  ['a level of no test', 20, { level: 0 }, 'level must be between 0 and 1; got 0'],
  ['too few draws', 20, { numDraws: 5 }, 'numDraws must be a whole number of at least 10; got 5'],
  ['no trial', 20, { numControlTrials: 0 }, 'numControlTrials must be a whole number of at least 1; got 0'],
  [
    'summaries of another length',
    20,
    { summaries: { shape: [3, 3], data: new Float32Array(9) } },
    'summaries must have shape [20, numSummaries]; got [3, 3]',
  ],
])('%s is refused', (_, n, extra, message) => {
  expect(() => certified(6, {}, n, extra)).toThrow(`sbi.certify: ${message}`);
});
