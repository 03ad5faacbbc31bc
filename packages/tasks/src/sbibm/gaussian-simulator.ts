import type { FloatArray, Key } from '@lensfield/contracts';
import { normalFloat64 } from '@lensfield/kernels';
import { requireData, requireTheta } from '../_argument-checks.ts';

export const NUM_PARAMETERS = 10;
/** Of the noise; also of the prior of `gaussian_linear`. */
export const VARIANCE = 0.1;

const LOG_NORMALISATION = (-NUM_PARAMETERS / 2) * Math.log(2 * Math.PI * VARIANCE);

/** x ~ N(theta, 0.1) in ten dimensions: what the Gaussian tasks share. */
export function gaussianSimulator(where: string) {
  const parameterNames = Array.from({ length: NUM_PARAMETERS }, (_, i) => `theta_${i + 1}`);
  const simulate = (key: Key, theta: Float64Array) => {
    requireTheta(where, theta, parameterNames);
    const data = Float32Array.from(
      normalFloat64(key, NUM_PARAMETERS),
      (u, i) => theta[i]! + Math.sqrt(VARIANCE) * u,
    );
    return { x: { shape: [NUM_PARAMETERS], data } };
  };
  const logLikelihood = (x: FloatArray, theta: Float64Array, score?: Float64Array): number => {
    requireTheta(where, theta, parameterNames);
    requireData(where, x, NUM_PARAMETERS);
    let squares = 0;
    for (let i = 0; i < NUM_PARAMETERS; i++) {
      const residual = x[i]! - theta[i]!;
      squares += residual ** 2;
      if (score) score[i] = residual / VARIANCE;
    }
    return LOG_NORMALISATION - squares / (2 * VARIANCE);
  };
  return {
    parameterNames,
    dataShape: [NUM_PARAMETERS],
    simulate,
    simulateWithScore(key: Key, theta: Float64Array) {
      const { x } = simulate(key, theta);
      const score = new Float64Array(NUM_PARAMETERS);
      logLikelihood(x.data, theta, score);
      return { x, score };
    },
    logLikelihood,
  };
}
