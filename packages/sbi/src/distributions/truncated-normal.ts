import { InvalidArgumentError, normalCdf, normalQuantile } from '@lensfield/kernels';
import { requireFinite, requireOrdered, requirePositive } from './checks.ts';
import type { Distribution } from './distribution.ts';
import { logNormalDensity } from './normal.ts';

/** Distances from a bound, in standard deviations, below which the series replaces differences of the cumulative. */
const NEAR_BOUND = 1e-4;

/**
 * Mass of N(0, 1) between `a` and `a + distance` over the density at `a`, to third order in a small distance: the
 * difference of two cumulatives would lose every digit there.
 */
function massNearBound(a: number, distance: number): number {
  return distance * (1 - (a * distance) / 2 + ((a * a - 1) * distance * distance) / 6);
}

/** The inverse of {@link massNearBound} to the same order. */
function distanceOfMass(a: number, mass: number): number {
  return mass * (1 + (a * mass) / 2 + ((2 * a * a + 1) * mass * mass) / 6);
}

/**
 * The lower half of a truncated normal in standardised form: points of cumulative at most one half, for a lower bound
 * `a` (finite or -Infinity) and total mass `mass` between the bounds.
 */
interface LowerHalf {
  /** u of the point at `distance` above the bound `a`, which is the point z. */
  toNormal(z: number, distance: number): number;
  /** z and its distance above the bound for u <= 0. */
  fromNormal(u: number): { z: number; distance: number };
}

function lowerHalf(a: number, mass: number): LowerHalf {
  const densityAtBound = Math.exp(logNormalDensity(a));
  return {
    toNormal(z, distance) {
      const below = distance < NEAR_BOUND ? massNearBound(a, distance) * densityAtBound : massBetween(a, z);
      return normalQuantile(below / mass);
    },
    fromNormal(u) {
      const below = normalCdf(u) * mass;
      const scaled = below / densityAtBound;
      if (scaled < NEAR_BOUND) {
        const distance = distanceOfMass(a, scaled);
        return { z: a + distance, distance };
      }
      const z = pointAbove(a, below);
      return { z, distance: z - a };
    },
  };
}

/** Mass of N(0, 1) between a and b, taken on the side where the cumulatives are small. */
function massBetween(a: number, b: number): number {
  return a > 0 ? normalCdf(-a) - normalCdf(-b) : normalCdf(b) - normalCdf(a);
}

/** The inverse of {@link massBetween} in b. */
function pointAbove(a: number, mass: number): number {
  return a > 0 ? -normalQuantile(normalCdf(-a) - mass) : normalQuantile(normalCdf(a) + mass);
}

/**
 * Normal distribution of the given `mean` and `sd` (those before truncation) restricted to [low, high]; a bound left out
 * is infinite.
 *
 * Accuracy: u survives the round trip to 1e-9 for |u| < 8 (test/distributions.test.ts).
 *
 * @throws {InvalidArgumentError} if a number is not finite, `low` is not below `high`, or the bounds hold no mass that
 *   float64 can represent.
 */
export function truncatedNormal(options: {
  readonly mean: number;
  readonly sd: number;
  readonly low?: number;
  readonly high?: number;
}): Distribution {
  const where = 'sbi.truncatedNormal';
  const { mean, sd, low = -Infinity, high = Infinity } = options;
  requireFinite(where, 'mean', mean);
  requirePositive(where, 'sd', sd);
  requireOrdered(where, low, high);
  const a = (low - mean) / sd;
  const b = (high - mean) / sd;
  const mass = massBetween(a, b);
  if (!(mass > 1e-290)) {
    throw new InvalidArgumentError(
      'low',
      `${where}: low and high must enclose some probability; got [${low}, ${high}] for mean ${mean}, sd ${sd}. Move the bounds towards the mean.`,
    );
  }
  return build(options, { mean, sd, low, high, a, b, mass });
}

interface Truncation {
  readonly mean: number;
  readonly sd: number;
  readonly low: number;
  readonly high: number;
  readonly a: number;
  readonly b: number;
  readonly mass: number;
}

function build(
  options: { readonly mean: number; readonly sd: number; readonly low?: number; readonly high?: number },
  { mean, sd, low, high, a, b, mass }: Truncation,
): Distribution {
  const lower = lowerHalf(a, mass);
  // The upper half is the lower half of the mirrored distribution.
  const upper = lowerHalf(-b, mass);
  const median = pointAbove(a, mass / 2);
  const logNormalisation = Math.log(sd) + Math.log(mass);
  const logProb = (x: number): number => {
    if (Number.isNaN(x)) return Number.NaN;
    return x >= low && x <= high ? logNormalDensity((x - mean) / sd) - logNormalisation : -Infinity;
  };
  return {
    specification: { distribution: 'truncatedNormal', ...options },
    bounds: [low, high],
    logProb,
    toNormal(x) {
      const z = (x - mean) / sd;
      return z <= median ? lower.toNormal(z, (x - low) / sd) : -upper.toNormal(-z, (high - x) / sd);
    },
    fromNormal(u) {
      const half = u <= 0 ? lower.fromNormal(u) : upper.fromNormal(-u);
      const value = pointFromBound(u <= 0 ? low : high, u <= 0 ? 1 : -1, half, mean, sd);
      return { value, derivative: Math.exp(logNormalDensity(u) - logProb(value)) };
    },
  };
}

/** The point itself, measured from the bound when it is close to it. */
function pointFromBound(
  bound: number,
  sign: number,
  half: { z: number; distance: number },
  mean: number,
  sd: number,
): number {
  return half.distance < 1 ? bound + sign * sd * half.distance : mean + sign * sd * half.z;
}
