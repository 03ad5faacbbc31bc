import type { NdArray } from './nd-array.ts';
import type { Key } from './random-key.ts';

/** A point of the prior's support that belongs to unconstrained coordinates u. */
export interface ConstrainedPoint {
  readonly theta: Float64Array;
  /** d theta_i / d u_j, row-major [n, n]. */
  readonly jacobian: Float64Array;
  /** log |det jacobian|. */
  readonly logJacobian: number;
}

/** A joint distribution over named parameters. */
export interface Prior {
  readonly names: readonly string[];
  /** Closed support per parameter; infinite where unbounded. */
  readonly bounds: readonly (readonly [low: number, high: number])[];
  /** Draws, shape [n, names.length]. */
  sample(key: Key, n: number): NdArray<Float64Array>;
  /** Normalised log density; -Infinity outside the support. */
  logProb(theta: Float64Array): number;
  /**
   * A smooth one-to-one map of the support onto all of R^n in which the prior is standard normal: u ~ N(0, 1) in every
   * coordinate, so its log density there is -|u|^2 / 2 up to a constant.
   */
  toUnconstrained(theta: Float64Array): Float64Array;
  fromUnconstrained(unconstrained: Float64Array): ConstrainedPoint;
}
