import { expect, test } from 'vitest';
import { holmCorrected } from '../src/certification/holm.ts';

test('corrects as worked by hand', () => {
  // Ordered 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1: 0.02, 0.03, 0.06 and 0.04, which may not fall below 0.06.
  const corrected = holmCorrected([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((value, i) => {
    expect(corrected[i]).toBeCloseTo(value, 12);
  });
});

test('stays a probability', () => {
  expect(holmCorrected([0.9, 0.8, 1])).toEqual([1, 1, 1]);
  expect(holmCorrected([])).toEqual([]);
});
