import { expect, it } from 'vitest';
import {
  duration,
  fixed,
  grouped,
  percent,
  significant,
  withPrecisionOf,
} from '../../src/report/number-format.ts';

it('gives a value two digits of its uncertainty', () => {
  expect(withPrecisionOf(0.26642, 0.0237)).toBe('0.266');
  expect(withPrecisionOf(-1.0341, 0.28)).toBe('−1.03');
  expect(withPrecisionOf(12345.6, 120)).toBe('12346');
  expect(withPrecisionOf(0.3, 0)).toBe('0.3');
  expect(withPrecisionOf(Number.NaN, 1)).toBe('–');
});

it('writes no negative zero', () => {
  expect(fixed(-0.004, 2)).toBe('0.00');
  expect(fixed(-0.006, 2)).toBe('−0.01');
});

it('writes very small numbers with powers of ten', () => {
  expect(significant(2.13e-7, 2)).toBe('2.1×10⁻⁷');
  expect(significant(0.0123, 2)).toBe('0.012');
});

it('groups thousands with thin spaces', () => {
  expect(grouped(1234567)).toBe('1\u2009234\u2009567');
  expect(grouped(999)).toBe('999');
});

it('says shares and times as people do', () => {
  expect(percent(0.01234)).toBe('1.2\u2009%');
  expect(duration(0.0123)).toBe('12\u2009ms');
  expect(duration(3.456)).toBe('3.5\u2009s');
  expect(duration(59.96)).toBe('60\u2009s');
  expect(duration(148)).toBe('2\u2009min 28\u2009s');
  expect(duration(3725)).toBe('1\u2009h 2\u2009min');
});
