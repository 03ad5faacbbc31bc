import type { FloatArray } from '@lensfield/contracts';

export function meanOf(values: FloatArray): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Mean of (value - mean)^order. */
export function centralMoment(values: FloatArray, order: number, mean = meanOf(values)): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - mean) ** order;
  return sum / values.length;
}

/** Variance with divisor n - 1. */
export function sampleVariance(values: FloatArray): number {
  return (centralMoment(values, 2) * values.length) / (values.length - 1);
}
