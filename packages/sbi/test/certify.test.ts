import { keyOf } from '@lensfield/kernels';
import { expect, test } from 'vitest';
import { calibrate } from '../src/index.ts';
import { exactDraws, linearPrior, simulate } from './_linear-gaussian.ts';

const heldOut = simulate(keyOf(70), 300);

function calibrationOf(widening: number, seed = 5) {
  return calibrate({
    key: keyOf(seed),
    names: linearPrior.names,
    sampleMany: (key, summaries, draws) => exactDraws(key, summaries, draws, widening),
    ...heldOut,
  });
}

test('the exact posterior passes', () => {
  const calibration = calibrationOf(1);
  expect(calibration.passed).toBe(true);
  expect(calibration.sbc.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(calibration.sbc[0].ranks).toHaveLength(300);
});

test.each([1.5, 0.65])('a posterior %s times as wide fails both tests', (widening) => {
  const calibration = calibrationOf(widening);
  expect(calibration.passed).toBe(false);
  expect(calibration.sbcPValue).toBeLessThan(0.01);
  expect(calibration.tarpPValue).toBeLessThan(0.01);
  // Too wide: regions hold the truth more often than they say.
  expect(Math.sign(calibration.tarp.areaToCurve)).toBe(widening > 1 ? 1 : -1);
});

test('the same key gives the same calibration', () => {
  expect(calibrationOf(1)).toEqual(calibrationOf(1));
});
