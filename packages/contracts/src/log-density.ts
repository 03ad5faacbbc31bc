import type { FloatArray } from './nd-array.ts';

/** Writes the gradient at `position` into `gradient` and returns the log density (float64), up to a constant. */
export type LogDensityAndGradient<A extends FloatArray = Float64Array> = (position: A, gradient: A) => number;

/**
 * The density that explicit inference samples: a few parameters of interest and many latents. The position is one array:
 * `numParameters` unconstrained parameters first, then `numLatents` latents.
 */
export interface JointDensity {
  readonly parameterNames: readonly string[];
  readonly numParameters: number;
  readonly numLatents: number;
  readonly logDensityAndGradient: LogDensityAndGradient<Float64Array>;
  /** The constrained, physical parameters of a position, shape [numParameters]. */
  parametersOf(position: Float64Array): Float64Array;
}
