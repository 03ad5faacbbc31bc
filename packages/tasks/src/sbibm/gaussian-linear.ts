import type { FloatArray, Key, Posterior } from '@lensfield/contracts';
import { normalFloat64 } from '@lensfield/kernels';
import { requireData, requireTheta } from '../_argument-checks.ts';
import type { Task } from '../task.ts';
import { gaussianSimulator, NUM_PARAMETERS, VARIANCE } from './gaussian-simulator.ts';

/**
 * Ten means with normal noise: theta ~ N(0, 0.1) each (variance 0.1), x ~ N(theta, 0.1). The posterior is N(x / 2, 0.05).
 *
 * Source: Lueckmann et al. (2021), arXiv:2101.04653, appendix T.1.
 */
export function gaussianLinear(): Task {
  const simulator = gaussianSimulator('gaussianLinear');
  return {
    name: 'gaussian_linear',
    ...simulator,
    prior: Object.fromEntries(
      simulator.parameterNames.map((name) => [
        name,
        { distribution: 'normal', mean: 0, sd: Math.sqrt(VARIANCE) },
      ]),
    ),
    posterior(x) {
      requireData('gaussianLinear', x, NUM_PARAMETERS);
      return normalPosterior(simulator.parameterNames, x.slice());
    },
  };
}

function normalPosterior(names: readonly string[], x: FloatArray): Required<Posterior> {
  const variance = VARIANCE / 2;
  return {
    names,
    sample(key: Key, n: number) {
      const normal = normalFloat64(key, n * NUM_PARAMETERS);
      const data = Float32Array.from(normal, (u, i) => x[i % NUM_PARAMETERS]! / 2 + Math.sqrt(variance) * u);
      return { shape: [n, NUM_PARAMETERS], data };
    },
    logProb(theta) {
      requireTheta('gaussianLinear', theta, names);
      let squares = 0;
      for (let i = 0; i < NUM_PARAMETERS; i++) squares += (theta[i]! - x[i]! / 2) ** 2;
      return -squares / (2 * variance) - (NUM_PARAMETERS / 2) * Math.log(2 * Math.PI * variance);
    },
  };
}
