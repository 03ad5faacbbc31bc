import type { DistributionSpecification } from './specification.ts';

/** A value of the parameter and its slope in the standard-normal coordinate. */
export interface DistributionPoint {
  readonly value: number;
  /** d value / d u. */
  readonly derivative: number;
}

/**
 * A continuous distribution of one parameter, seen through its standard-normal coordinate u = Phi^-1(F(x)), in which
 * every distribution is N(0, 1). Float64.
 */
export interface Distribution {
  /** Plain data that makes the same distribution again: see {@link distributionOf}. */
  readonly specification: DistributionSpecification;
  /** Closed support; infinite where unbounded. */
  readonly bounds: readonly [low: number, high: number];
  /** Normalised log density; -Infinity outside the support. */
  logProb(x: number): number;
  /** u of a point inside the support (the bounds themselves give -Infinity or Infinity). */
  toNormal(x: number): number;
  fromNormal(u: number): DistributionPoint;
}
