import type { Key } from '@lensfield/contracts';
import { fillNormalFloat64, InvalidArgumentError } from '@lensfield/kernels';

/** A unit vector in a random direction. */
export function drawDirection(key: Key, dimension: number): Float64Array {
  const direction = new Float64Array(dimension);
  fillNormalFloat64(key, direction);
  normalise(direction);
  return direction;
}

/** Forgetting beyond which nothing of a direction is left in double precision. */
const ALL = 80;

/** Turns a unit vector a little at random: u + nu z, normalised again; arXiv 2303.18221, eq. 8. */
export function refreshDirection(
  key: Key,
  direction: Float64Array,
  forgetting: number,
  noise: Float64Array,
): void {
  if (forgetting === 0) return;
  fillNormalFloat64(key, noise);
  const scale = Math.sqrt(Math.expm1(Math.min(2 * forgetting, ALL)) / direction.length);
  for (let i = 0; i < direction.length; i++) direction[i] += scale * noise[i];
  normalise(direction);
}

function normalise(direction: Float64Array): void {
  let square = 0;
  for (let i = 0; i < direction.length; i++) square += direction[i] * direction[i];
  const inverse = 1 / Math.sqrt(square);
  for (let i = 0; i < direction.length; i++) direction[i] *= inverse;
}

/** Throws unless a length over which a direction is forgotten is above 0. */
export function checkForgetting(where: string, argument: string, length: number): void {
  if (length > 0) return;
  throw new InvalidArgumentError(
    argument,
    `hmc.${where}: ${argument} must be above 0; got ${length}. Infinity never forgets the direction.`,
  );
}
