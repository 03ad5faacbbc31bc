import type { FloatArray, Key } from '@lensfield/contracts';
import { normalFloat64, splitKey, uniformFloat64 } from '@lensfield/kernels';
import { requireData, requireTheta } from '../_argument-checks.ts';
import type { Task } from '../task.ts';
import { MEAN_RADIUS, SD_RADIUS, SHIFT, twoMoonsPosterior } from './two-moons-posterior.ts';

const NAMES = ['theta_1', 'theta_2'];
const LOG_NORMALISATION = -Math.log(SD_RADIUS) - 0.5 * Math.log(2 * Math.PI) - Math.log(Math.PI);

/**
 * Two crescents: theta uniform on [-1, 1]^2 and x = (r cos a + 0.25 - |theta_1 + theta_2| / sqrt 2, r sin a + (theta_2 - theta_1) / sqrt 2)
 * with a uniform on [-pi/2, pi/2] and r ~ N(0.1, 0.01) (standard deviation 0.01). Radius and angle follow from x and theta, so that the
 * likelihood is exact: N(r; 0.1, 0.01) / (pi r) on the half plane of positive cosines, and the score has no latents left.
 *
 * `logLikelihood` is -Infinity off the half plane, and its score there NaN.
 *
 * Source: Lueckmann et al. (2021), arXiv:2101.04653, appendix T.8; the density has the factor 1 / r of polar coordinates, as its simulator
 * and its reference posteriors do.
 */
export function sbibmTwoMoons(): Task {
  const simulate = (key: Key, theta: Float64Array) => {
    requireTheta('sbibmTwoMoons', theta, NAMES);
    const [angleKey, radiusKey] = splitKey(key) as [Key, Key];
    const angle = Math.PI * (uniformFloat64(angleKey, 1)[0]! - 0.5);
    const radius = MEAN_RADIUS + SD_RADIUS * normalFloat64(radiusKey, 1)[0]!;
    const [shiftX, shiftY] = shiftAt(theta);
    const data = Float32Array.of(radius * Math.cos(angle) + shiftX, radius * Math.sin(angle) + shiftY);
    return { x: { shape: [2], data } };
  };
  return {
    name: 'two_moons',
    parameterNames: NAMES,
    dataShape: [2],
    prior: {
      theta_1: { distribution: 'uniform', low: -1, high: 1 },
      theta_2: { distribution: 'uniform', low: -1, high: 1 },
    },
    simulate,
    simulateWithScore(key, theta) {
      const { x } = simulate(key, theta);
      const score = new Float64Array(2);
      writeScore(x.data, theta, score);
      return { x, score };
    },
    logLikelihood(x, theta, score) {
      requireTheta('sbibmTwoMoons', theta, NAMES);
      requireData('sbibmTwoMoons', x, 2);
      const [u, v] = crescentPoint(x, theta);
      if (u < 0) {
        score?.fill(Number.NaN);
        return -Infinity;
      }
      if (score) writeScore(x, theta, score);
      const radius = Math.hypot(u, v);
      return LOG_NORMALISATION - ((radius - MEAN_RADIUS) / SD_RADIUS) ** 2 / 2 - Math.log(radius);
    },
    posterior: (x) => {
      requireData('sbibmTwoMoons', x, 2);
      return twoMoonsPosterior(NAMES, [x[0]!, x[1]!]);
    },
  };
}

/** What theta adds to the crescent. */
function shiftAt(theta: Float64Array): readonly [number, number] {
  return [SHIFT - Math.abs(theta[0]! + theta[1]!) * Math.SQRT1_2, (theta[1]! - theta[0]!) * Math.SQRT1_2];
}

/** x without what theta added: r (cos a, sin a). */
function crescentPoint(x: FloatArray, theta: Float64Array): readonly [number, number] {
  const [shiftX, shiftY] = shiftAt(theta);
  return [x[0]! - shiftX, x[1]! - shiftY];
}

function writeScore(x: FloatArray, theta: Float64Array, score: Float64Array): void {
  const [u, v] = crescentPoint(x, theta);
  const radius = Math.hypot(u, v);
  const slope = -(radius - MEAN_RADIUS) / SD_RADIUS ** 2 - 1 / radius;
  const sign = Math.sign(theta[0]! + theta[1]!);
  score[0] = (slope * Math.SQRT1_2 * (sign * u + v)) / radius;
  score[1] = (slope * Math.SQRT1_2 * (sign * u - v)) / radius;
}
