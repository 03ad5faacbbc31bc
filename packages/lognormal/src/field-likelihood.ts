import {
  addDeviation,
  fieldMoments,
  type Kernels,
  lognormalMap,
  lognormalResidual,
  modeVariances,
} from '@lensfield/kernels';
import type { Buffers } from './buffers.ts';

/**
 * Which variance enters kappa = shift (exp(g - variance / 2) - 1): that of the ensemble, or that of the one map over its pixels.
 */
export type VarianceChoice = 'ensemble' | 'sample';

export interface FieldLikelihoodOptions {
  readonly kernels: Kernels;
  readonly buffers: Buffers;
  readonly mapSize: number;
  readonly numBins: number;
  /** Doubles per mode of the roots. */
  readonly lanes: number;
  readonly variance: VarianceChoice;
  /** Standard deviation of the noise per pixel, [bins]. */
  readonly noise: Float64Array;
}

/** From Gaussian fields g [bins, N, N] to convergence and the log likelihood of a map; owns its buffers. */
export interface FieldLikelihood {
  /** Shifts, and where it counts the ensemble variance of the fields that `root` makes: for what follows. */
  setModel(root: Float64Array, shifts: Float64Array): void;
  /** kappa = shift (exp(g - variance / 2) - 1), written to `map`. */
  convergence(gaussian: Float32Array, map: Float32Array): void;
  /** Log likelihood of `data` up to a constant; writes its gradient in g to `gradient`. */
  logLikelihood(gaussian: Float32Array, data: Float32Array, gradient: Float32Array): number;
  /** Written by `logLikelihood`: gradients in the shifts and in the variances, [bins]. */
  readonly shiftGradient: Float64Array;
  readonly varianceGradient: Float64Array;
}

/** y = kappa(g) + noise, pixel by pixel. With the sample variance, the gradient in g counts what goes through it. */
export function createFieldLikelihood(options: FieldLikelihoodOptions): FieldLikelihood {
  const { kernels, buffers, mapSize, numBins, lanes, noise } = options;
  const pixels = mapSize * mapSize;
  const packed = { size: mapSize, fields: numBins, lanes };
  const isSample = options.variance === 'sample';
  const [shift, variance, varianceGradient, factor] = Array.from({ length: 4 }, () =>
    buffers.float64(numBins),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const moments = buffers.float64(2 * numBins);
  const sums = buffers.float64(3 * numBins);
  const inverseNoiseVariance = buffers.copyOf(noise.map((sd) => 1 / (sd * sd)));
  const shiftGradient = new Float64Array(numBins);
  const parameters = { shift, variance };

  function measureVariance(gaussian: Float32Array): void {
    if (!isSample) return;
    fieldMoments(kernels, gaussian, moments);
    for (let bin = 0; bin < numBins; bin++) variance[bin] = moments[2 * bin + 1]!;
  }

  /** From the sums of a residual to the log likelihood and the gradients in shifts and variances. */
  function gather(): number {
    let logLikelihood = 0;
    for (let bin = 0; bin < numBins; bin++) {
      logLikelihood -= 0.5 * sums[3 * bin]! * inverseNoiseVariance[bin]!;
      shiftGradient[bin] = sums[3 * bin + 1]!;
      varianceGradient[bin] = -0.5 * sums[3 * bin + 2]!;
      factor[bin] = (2 * varianceGradient[bin]!) / pixels;
    }
    return logLikelihood;
  }

  return {
    shiftGradient,
    varianceGradient,
    setModel(root, shifts) {
      shift.set(shifts);
      if (!isSample) modeVariances(kernels, root, variance, packed);
    },
    convergence(gaussian, map) {
      measureVariance(gaussian);
      lognormalMap(kernels, gaussian, map, parameters);
    },
    logLikelihood(gaussian, data, gradient) {
      measureVariance(gaussian);
      lognormalResidual(kernels, { gaussian, data, gradient, sums, inverseNoiseVariance }, parameters);
      const logLikelihood = gather();
      if (isSample) addDeviation(kernels, gaussian, gradient, moments, factor);
      return logLikelihood;
    },
  };
}
