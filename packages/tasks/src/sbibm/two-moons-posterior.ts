import type { Key, NdArray, Posterior } from '@lensfield/contracts';
import {
  foldIn,
  gaussLegendre,
  InvalidArgumentError,
  normalCdf,
  normalFloat64,
  splitKey,
  uniformFloat64,
} from '@lensfield/kernels';
import { requireTheta } from '../_argument-checks.ts';

export const MEAN_RADIUS = 0.1;
export const SD_RADIUS = 0.01;
/** Of the crescent to the right. */
export const SHIFT = 0.25;

/** theta along the axes of the crescents: sum = |theta_1 + theta_2| / sqrt 2 and difference = (theta_2 - theta_1) / sqrt 2. */
interface Rotated {
  readonly sum: number;
  readonly difference: number;
}

/** The smallest share of the crescents inside the prior from which draws are made. */
const SMALLEST_MASS = 1e-4;

/**
 * The posterior of `x`: the crescent turned round `x` and its mirror image, cut at the edges of the prior. Draws are exact.
 *
 * Accuracy: the normalisation is within 1e-5 (test/two-moons.test.ts); it is exact where both crescents lie inside the prior.
 *
 * @throws {InvalidArgumentError} if no theta inside the prior can have made `x`.
 */
export function twoMoonsPosterior(
  names: readonly string[],
  x: readonly [number, number],
): Required<Posterior> {
  const mass = massInside(x);
  if (!(mass > SMALLEST_MASS)) {
    throw new InvalidArgumentError(
      'x',
      `tasks.sbibmTwoMoons: x must be data that a theta in [-1, 1]^2 can make; got (${x.join(', ')}).`,
    );
  }
  const logNormalisation = Math.log(2 * mass * SD_RADIUS * Math.PI * Math.sqrt(2 * Math.PI));
  return {
    names,
    sample: (key, n) => sampleCrescents(key, n, x),
    logProb(theta) {
      requireTheta('sbibmTwoMoons', theta, names);
      if (theta.some((value) => Math.abs(value) > 1)) return -Infinity;
      const u = x[0] - SHIFT + Math.abs(theta[0]! + theta[1]!) * Math.SQRT1_2;
      if (u < 0) return -Infinity;
      const radius = Math.hypot(u, x[1] - (theta[1]! - theta[0]!) * Math.SQRT1_2);
      return -(((radius - MEAN_RADIUS) / SD_RADIUS) ** 2) / 2 - Math.log(radius) - logNormalisation;
    },
  };
}

/** theta that makes `x` with this radius and angle; the two mirror images have the same `sum`. */
function rotatedTheta([x0, x1]: readonly [number, number], radius: number, angle: number): Rotated {
  return { sum: radius * Math.cos(angle) + SHIFT - x0, difference: x1 - radius * Math.sin(angle) };
}

/** Both images lie inside the prior if one does: the square is symmetric. */
function isInside({ sum, difference }: Rotated): boolean {
  return sum >= 0 && sum + Math.abs(difference) <= Math.SQRT2;
}

function sampleCrescents(key: Key, n: number, x: readonly [number, number]): NdArray<Float32Array> {
  const data = new Float32Array(2 * n);
  for (let filled = 0, round = 0; filled < n; round++) {
    const [angleKey, radiusKey, sideKey] = splitKey(foldIn(key, round), 3) as [Key, Key, Key];
    const angles = uniformFloat64(angleKey, n);
    const radii = normalFloat64(radiusKey, n);
    const sides = uniformFloat64(sideKey, n);
    for (let i = 0; i < n && filled < n; i++) {
      const rotated = rotatedTheta(x, MEAN_RADIUS + SD_RADIUS * radii[i]!, Math.PI * (angles[i]! - 0.5));
      if (!isInside(rotated)) continue;
      const sum = sides[i]! < 0.5 ? -rotated.sum : rotated.sum;
      data[2 * filled] = (sum - rotated.difference) * Math.SQRT1_2;
      data[2 * filled + 1] = (sum + rotated.difference) * Math.SQRT1_2;
      filled++;
    }
  }
  return { shape: [n, 2], data };
}

/** The share of either crescent inside the prior: over angles, the probability of the radii that the edges leave. */
function massInside(x: readonly [number, number]): number {
  let mass = 0;
  // The edges make kinks in the angle: many short panels keep them to 1e-5.
  const panels = 200;
  for (let panel = 0; panel < panels; panel++) {
    const low = Math.PI * (panel / panels - 0.5);
    const { nodes, weights } = gaussLegendre(4, low, low + Math.PI / panels);
    nodes.forEach((angle, i) => {
      mass += (weights[i]! / Math.PI) * radialMass(x, angle);
    });
  }
  return mass;
}

/** Probability of radii with theta inside the prior. The conditions of {@link isInside} are linear in the radius. */
function radialMass(x: readonly [number, number], angle: number): number {
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const origin = rotatedTheta(x, 0, angle);
  let low = -origin.sum / cosine;
  let high = Infinity;
  for (const side of [-1, 1]) {
    // origin.sum + r cosine + side (origin.difference - r sine) <= sqrt 2
    const slope = cosine - side * sine;
    const limit = (Math.SQRT2 - origin.sum - side * origin.difference) / slope;
    if (slope > 0) high = Math.min(high, limit);
    else low = Math.max(low, limit);
  }
  const cumulative = (radius: number) => normalCdf((radius - MEAN_RADIUS) / SD_RADIUS);
  return Math.max(0, cumulative(high) - cumulative(low));
}
