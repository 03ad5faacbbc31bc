import type { FloatArray, NdArray } from '@lensfield/contracts';
import { checkArray, invalid } from '../_argument-checks.ts';

/** Posterior draws for many simulations, and the parameters each was made with. */
export interface CalibrationSet {
  /** Draws from the posterior of every simulation, shape [numSimulations, numDraws, d]. */
  readonly samples: NdArray<FloatArray>;
  /** True parameters, shape [numSimulations, d]. */
  readonly theta: NdArray<FloatArray>;
}

/**
 * The level in (0, 1) at which the truth stands among draws, `numBelow` before it and `numEqual` level with it: it lies anywhere between the
 * neighbours that enclose it, where `u`, uniform on [0, 1), puts it. Exactly uniform for a right posterior, at any number of draws.
 */
export function levelOf(numBelow: number, numEqual: number, numDraws: number, u: number): number {
  // Not 0 itself, where the normal score is infinite: half of the smallest u above it.
  return (numBelow + (u + 2 ** -54) * (numEqual + 1)) / (numDraws + 1);
}

export interface CalibrationSizes {
  readonly numSimulations: number;
  readonly numDraws: number;
  readonly dimension: number;
}

export function checkCalibrationSet({ samples, theta }: CalibrationSet, where: string): CalibrationSizes {
  checkArray(samples, '[numSimulations, numDraws, d]', { where, name: 'samples' });
  const [numSimulations, numDraws, dimension] = samples.shape;
  if (samples.data.length === 0)
    throw invalid({ where, name: 'samples' }, 'not be empty', `[${samples.shape.join(', ')}]`);
  checkArray(theta, '[numSimulations, d]', { where, name: 'theta' });
  if (theta.shape[0] !== numSimulations || theta.shape[1] !== dimension) {
    throw invalid(
      { where, name: 'theta' },
      `have shape [${numSimulations}, ${dimension}] as the samples`,
      `[${theta.shape.join(', ')}]`,
    );
  }
  return { numSimulations, numDraws, dimension };
}
