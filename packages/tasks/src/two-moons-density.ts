import type { FloatArray, Key, NdArray, Posterior } from '@lensfield/contracts';
import { InvalidArgumentError, normalFloat64, randomIntegers, splitKey } from '@lensfield/kernels';
import { requireTheta } from './_argument-checks.ts';

/** A density of two parameters with its score: what a density estimator is trained to be. */
export interface TwoMoonsDensity extends Required<Posterior> {
  /** Gradient of `logProb` at each row of theta, shape [n, 2]. */
  scoreOf(theta: NdArray<FloatArray>): NdArray<Float64Array>;
}

const NAMES = ['theta_1', 'theta_2'];
const SD = 0.01;
const POINTS_PER_MOON = 1024;
const NUM_CENTRES = 2 * POINTS_PER_MOON;
const LOG_NORMALISATION = -Math.log(NUM_CENTRES) - Math.log(2 * Math.PI * SD ** 2);
/** Components that many nats below the nearest add less than 1e-17 to the density. */
const NEGLIGIBLE = 47;

/**
 * Two interleaved half circles in the unit square: an equal mixture of 2048 round normal distributions of standard deviation 0.01. There
 * are no data: estimators are trained on draws, with or without their scores, and compared with the density itself.
 *
 * Accuracy: log density and score equal the published grids to their float32 digits (test/two-moons-density.test.ts).
 * Source: Zeghal et al. (2022), arXiv:2207.05636, with the numbers of its public code.
 */
export function twoMoonsDensity(): TwoMoonsDensity {
  const centres = moonCentres();
  return {
    names: NAMES,
    sample(key, n) {
      const [centreKey, scatterKey] = splitKey(key) as [Key, Key];
      const chosen = randomIntegers(centreKey, n, { min: 0, max: NUM_CENTRES });
      const data = Float32Array.from(
        normalFloat64(scatterKey, 2 * n),
        (u, i) => centres[2 * chosen[i >> 1]! + (i & 1)]! + SD * u,
      );
      return { shape: [n, 2], data };
    },
    logProb(theta) {
      requireTheta('twoMoonsDensity', theta, NAMES);
      return mixtureLogDensity(centres, theta[0]!, theta[1]!);
    },
    scoreOf(theta) {
      if (theta.shape.length !== 2 || theta.shape[1] !== 2 || theta.data.length !== 2 * theta.shape[0]!) {
        throw new InvalidArgumentError(
          'theta',
          `tasks.twoMoonsDensity: theta must have shape [n, 2]; got [${theta.shape.join(', ')}] with ${theta.data.length} values.`,
        );
      }
      const data = new Float64Array(theta.data.length);
      for (let i = 0; i < data.length; i += 2) {
        const row = theta.data.subarray(i, i + 2);
        requireTheta('twoMoonsDensity', row, NAMES);
        mixtureLogDensity(centres, row[0]!, row[1]!, data.subarray(i, i + 2));
      }
      return { shape: theta.shape, data };
    },
  };
}

/** Centres of the mixture, [2048, 2]: points evenly spaced in angle on the upper and on the lower half circle. */
function moonCentres(): Float64Array {
  const centres = new Float64Array(2 * NUM_CENTRES);
  for (let i = 0; i < POINTS_PER_MOON; i++) {
    const angle = (Math.PI * i) / (POINTS_PER_MOON - 1);
    const upper = [Math.cos(angle), Math.sin(angle)];
    const lower = [1 - Math.cos(angle), 1 - Math.sin(angle) - 0.5];
    centres.set(upper, 2 * i);
    centres.set(lower, 2 * (POINTS_PER_MOON + i));
  }
  return centres.map((coordinate) => coordinate / 5 + 0.45);
}

/** Writes the gradient into `score` where given. */
function mixtureLogDensity(centres: Float64Array, x: number, y: number, score?: Float64Array): number {
  const squaredDistance = (i: number) => (x - centres[i]!) ** 2 + (y - centres[i + 1]!) ** 2;
  let nearest = Infinity;
  for (let i = 0; i < centres.length; i += 2) nearest = Math.min(nearest, squaredDistance(i));
  let total = 0;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < centres.length; i += 2) {
    const exponent = (nearest - squaredDistance(i)) / (2 * SD ** 2);
    if (exponent < -NEGLIGIBLE) continue;
    const weight = Math.exp(exponent);
    total += weight;
    meanX += weight * centres[i]!;
    meanY += weight * centres[i + 1]!;
  }
  if (score) {
    score[0] = (meanX / total - x) / SD ** 2;
    score[1] = (meanY / total - y) / SD ** 2;
  }
  return LOG_NORMALISATION - nearest / (2 * SD ** 2) + Math.log(total);
}
