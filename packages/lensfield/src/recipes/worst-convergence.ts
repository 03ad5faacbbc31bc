import type { ChainSummary } from '@lensfield/diagnostics';

/** Smallest effective size (bulk) of a parameter. */
export function leastEss(summary: readonly ChainSummary[]): number {
  return Math.min(...summary.map(({ essBulk }) => essBulk));
}

/** Largest R-hat of a parameter. */
export function largestRhat(summary: readonly ChainSummary[]): number {
  return Math.max(...summary.map(({ rhat }) => rhat));
}
