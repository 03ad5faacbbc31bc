import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { expect, it } from 'vitest';
import { autocorrelationTime } from '../src/adaptation/autocorrelation-time.ts';

it.each([-0.5, 0, 0.8, 0.95])('is that of an autoregression of coefficient %f', (rho) => {
  const n = 40_000;
  const series = normalFloat64(keyOf(3), n);
  for (let i = 1; i < n; i++) series[i] += rho * series[i - 1];
  const time = (1 + rho) / (1 - rho);
  // The relative variance of the estimate is 2 (2 M + 1) / n for a sum over M lags (Madras and Sokal 1988); about 6 times are summed.
  const error = Math.sqrt((2 * (2 * Math.max(6 * time, 6) + 1)) / n);
  expect(Math.abs(autocorrelationTime(series) / time - 1)).toBeLessThan(5 * error);
});

it('is not a number for a constant series', () => {
  expect(autocorrelationTime(new Float64Array(10).fill(2))).toBeNaN();
});
