import type { FloatArray, Key, Posterior } from '@lensfield/contracts';
import { normalCdf, normalQuantile, uniformFloat64 } from '@lensfield/kernels';
import { requireData, requireTheta } from '../_argument-checks.ts';
import type { Task } from '../task.ts';
import { gaussianSimulator, NUM_PARAMETERS, VARIANCE } from './gaussian-simulator.ts';

/**
 * Ten means with normal noise: theta uniform on [-1, 1], x ~ N(theta, 0.1) each (variance 0.1). The posterior is N(x, 0.1) kept within
 * [-1, 1].
 *
 * Source: Lueckmann et al. (2021), arXiv:2101.04653, appendix T.2.
 */
export function gaussianLinearUniform(): Task {
  const simulator = gaussianSimulator('gaussianLinearUniform');
  return {
    name: 'gaussian_linear_uniform',
    ...simulator,
    prior: Object.fromEntries(
      simulator.parameterNames.map((name) => [name, { distribution: 'uniform', low: -1, high: 1 }]),
    ),
    posterior(x) {
      requireData('gaussianLinearUniform', x, NUM_PARAMETERS);
      return keptNormalPosterior(simulator.parameterNames, x.slice());
    },
  };
}

function keptNormalPosterior(names: readonly string[], x: FloatArray): Required<Posterior> {
  const sd = Math.sqrt(VARIANCE);
  const masses = Array.from(x, (centre) => massWithin(centre, sd));
  const logNormalisation =
    (NUM_PARAMETERS / 2) * Math.log(2 * Math.PI * VARIANCE) +
    masses.reduce((sum, mass) => sum + Math.log(mass), 0);
  return {
    names,
    sample(key: Key, n: number) {
      const uniform = uniformFloat64(key, n * NUM_PARAMETERS);
      const data = Float32Array.from(uniform, (u, i) => quantile(u, x[i % NUM_PARAMETERS]!, sd));
      return { shape: [n, NUM_PARAMETERS], data };
    },
    logProb(theta) {
      requireTheta('gaussianLinearUniform', theta, names);
      if (theta.some((value) => Math.abs(value) > 1)) return -Infinity;
      let squares = 0;
      for (let i = 0; i < NUM_PARAMETERS; i++) squares += (theta[i]! - x[i]!) ** 2;
      return -squares / (2 * VARIANCE) - logNormalisation;
    },
  };
}

/** Probability of N(centre, sd) within [-1, 1], by cumulatives below the centre, which keep their digits. */
function massWithin(centre: number, sd: number): number {
  const [low, high] = boundsSeenFromAbove(centre, sd);
  return normalCdf(high) - normalCdf(low);
}

/** The value within [-1, 1] below which lies the share `u` of N(centre, sd) there. */
function quantile(u: number, centre: number, sd: number): number {
  const [low, high] = boundsSeenFromAbove(centre, sd);
  const sign = centre < 0 ? -1 : 1;
  const share = sign > 0 ? u : 1 - u;
  const z = normalQuantile((1 - share) * normalCdf(low) + share * normalCdf(high));
  return Math.min(1, Math.max(-1, centre + sign * sd * z));
}

/** The bounds in standard deviations from the centre, mirrored if that lies below zero. */
function boundsSeenFromAbove(centre: number, sd: number): readonly [low: number, high: number] {
  const distance = Math.abs(centre);
  return [(-1 - distance) / sd, (1 - distance) / sd];
}
