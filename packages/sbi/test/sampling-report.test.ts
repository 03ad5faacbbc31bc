import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { expect, test } from 'vitest';
import { reportOfChains, reportOfWeights } from '../src/sampling/sampling-report.ts';

/** Independent draws of 20 chains, whose means are `apart` for every other chain. */
function chainsApart(apart: number, numDivergences = 0) {
  const data = normalFloat64(keyOf(1), 20 * 40 * 2).map((z, i) => z + (Math.floor(i / 80) % 2) * apart);
  return {
    samples: { shape: [20, 40, 2], data },
    logDensities: { shape: [20, 40], data: new Float64Array(800) },
    calls: { warmup: 100, sampling: 200 },
    acceptanceRates: new Float64Array(20).fill(0.85),
    numDivergences: Int32Array.of(numDivergences),
  };
}

test('chains that agree have no warnings', () => {
  const report = reportOfChains(chainsApart(0), 'nuts');
  expect(report.warnings).toEqual([]);
  expect(report.rhat).toBeLessThan(1.05);
  expect(report.effectiveSampleSize).toBeGreaterThan(400);
  expect(report.acceptanceRate).toBeCloseTo(0.85, 12);
  expect(report.evaluations).toBe(6000);
});

test('chains in two modes are told of', () => {
  const report = reportOfChains(chainsApart(3), 'nuts');
  expect(report.rhat).toBeGreaterThan(1.3);
  expect(report.warnings[0]).toContain('The chains have not mixed (R-hat');
  expect(report.warnings[1]).toContain('are worth');
});

test('many divergences are told of, a few are not', () => {
  expect(reportOfChains(chainsApart(0, 8), 'nuts').warnings).toEqual([]);
  expect(reportOfChains(chainsApart(0, 9), 'nuts').warnings[0]).toContain('9 of 800 trajectories diverged');
});

test('weights that leave few draws, and draws above a bound, are told of', () => {
  expect(reportOfWeights('importance', 500, 0.1, 5000).warnings).toEqual([]);
  expect(reportOfWeights('importance', 30, 0.006, 5000).warnings[0]).toContain(
    'worth 30 independent ones of 5000',
  );
  expect(reportOfWeights('rejection', 500, 0.5, 5000, 3).warnings[0]).toContain(
    '3 draws were above the bound',
  );
});
