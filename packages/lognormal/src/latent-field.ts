import {
  addDeviation,
  addModeVariancesGradient,
  averageModes,
  fieldMoments,
  irfft2,
  type Kernels,
  layOutModes,
  lognormalMap,
  lognormalResidual,
  mixModes,
  mixModesGradient,
  modeVariances,
  quadrantLength,
  rfft2,
} from '@lensfield/kernels';

import type { Buffers } from './buffers.ts';

/**
 * Which variance enters kappa = shift (exp(g - variance / 2) - 1): that of the ensemble, or that of the one map over its pixels.
 */
export type VarianceChoice = 'ensemble' | 'sample';

export interface LatentFieldOptions {
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

/** Convergence from white latents, and the log likelihood with its gradients; owns its buffers. Fields are [bins, N, N]. */
export interface LatentField {
  /** Caller's input: white latents. */
  readonly latents: Float32Array;
  /** Written by `convergence`. */
  readonly map: Float32Array;
  /** Written by `logLikelihood`: gradients in the latents and in the shifts. */
  readonly latentGradient: Float32Array;
  readonly shiftGradient: Float64Array;
  convergence(root: Float64Array, shifts: Float64Array): void;
  /** Log likelihood of `data` up to a constant; writes the gradient in the root per mode of the full grid to `rootGradient`. */
  logLikelihood(
    root: Float64Array,
    shifts: Float64Array,
    data: Float32Array,
    rootGradient: Float64Array,
  ): number;
}

function fieldBuffers(buffers: Buffers, numBins: number, mapSize: number) {
  const field = () => buffers.float32(numBins * mapSize * mapSize);
  const halfPlane = () => buffers.float32(2 * numBins * mapSize * (Math.floor(mapSize / 2) + 1));
  const quadrant = () => buffers.float32(quadrantLength({ size: mapSize, fields: numBins }));
  return {
    latents: field(),
    gaussian: field(),
    map: field(),
    latentGradient: field(),
    waves: halfPlane(),
    mixed: halfPlane(),
    cotangent: halfPlane(),
    quadrant: quadrant(),
    products: quadrant(),
    shift: buffers.float64(numBins),
    variance: buffers.float64(numBins),
    varianceGradient: buffers.float64(numBins),
    factor: buffers.float64(numBins),
    moments: buffers.float64(2 * numBins),
    sums: buffers.float64(3 * numBins),
    inverseNoiseVariance: buffers.float64(numBins),
  };
}

/**
 * g = irfft2(S rfft2(z)), kappa = shift (exp(g - variance / 2) - 1), y = kappa + noise; the gradients are the transposes of these
 * steps written out. irfft2 S rfft2 is its own transpose, S being real and even.
 */
export function createLatentField(options: LatentFieldOptions): LatentField {
  const { kernels, mapSize, numBins, lanes, noise } = options;
  const pixels = mapSize * mapSize;
  const b = fieldBuffers(options.buffers, numBins, mapSize);
  noise.forEach((sd, bin) => {
    b.inverseNoiseVariance[bin] = 1 / (sd * sd);
  });
  const grid = { batch: numBins, rows: mapSize, columns: mapSize };
  const mixing = { size: mapSize, fields: numBins };
  const packed = { ...mixing, lanes };
  const isSample = options.variance === 'sample';

  function gaussianField(root: Float64Array, shifts: Float64Array): void {
    b.shift.set(shifts);
    layOutModes(kernels, root, b.quadrant, packed);
    rfft2(kernels, b.latents, b.waves, grid);
    mixModes(kernels, b.quadrant, b.waves, b.mixed, mixing);
    irfft2(kernels, b.mixed, b.gaussian, grid);
    if (isSample) {
      fieldMoments(kernels, b.gaussian, b.moments);
      for (let bin = 0; bin < numBins; bin++) b.variance[bin] = b.moments[2 * bin + 1]!;
    } else modeVariances(kernels, root, b.variance, packed);
  }

  /** Gradient in g, in the shifts and in the variance; returns the log likelihood. */
  function residual(data: Float32Array): number {
    lognormalResidual(
      kernels,
      {
        gaussian: b.gaussian,
        data,
        gradient: b.map,
        sums: b.sums,
        inverseNoiseVariance: b.inverseNoiseVariance,
      },
      b,
    );
    let logLikelihood = 0;
    for (let bin = 0; bin < numBins; bin++) {
      logLikelihood -= 0.5 * b.sums[3 * bin]! * b.inverseNoiseVariance[bin]!;
      shiftGradient[bin] = b.sums[3 * bin + 1]!;
      b.varianceGradient[bin] = -0.5 * b.sums[3 * bin + 2]!;
      b.factor[bin] = (2 * b.varianceGradient[bin]!) / pixels;
    }
    return logLikelihood;
  }

  const shiftGradient = new Float64Array(numBins);
  return {
    latents: b.latents,
    map: b.map,
    latentGradient: b.latentGradient,
    shiftGradient,
    convergence(root, shifts) {
      gaussianField(root, shifts);
      lognormalMap(kernels, b.gaussian, b.map, b);
    },
    logLikelihood(root, shifts, data, rootGradient) {
      gaussianField(root, shifts);
      const logLikelihood = residual(data);
      if (isSample) addDeviation(kernels, b.gaussian, b.map, b.moments, b.factor);
      rfft2(kernels, b.map, b.cotangent, grid);
      const { quadrant, cotangent, products } = b;
      mixModesGradient(
        kernels,
        { quadrant, input: b.waves, cotangent, inputGradient: b.mixed, products },
        mixing,
      );
      irfft2(kernels, b.mixed, b.latentGradient, grid);
      averageModes(kernels, products, rootGradient, packed);
      if (!isSample) addModeVariancesGradient(kernels, root, b.varianceGradient, rootGradient, packed);
      return logLikelihood;
    },
  };
}
