import { createJointDensity, type LognormalJointDensity, type LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { ObservedMap } from './observed-map.ts';

/**
 * The density that chains of a map sample. Positions of chains mean what they do in this density alone: with the map, its noise and the
 * parameters of the linearisation that the chains had.
 */
export function wienerDensity(
  model: LognormalModel,
  prior: JointPrior,
  { observation, noise }: ObservedMap,
  linearisedAt?: Float64Array,
): LognormalJointDensity {
  return createJointDensity({
    model,
    prior,
    observation,
    coordinates: 'wiener',
    ...(noise && { noise }),
    ...(linearisedAt && { linearisedAt }),
  });
}
