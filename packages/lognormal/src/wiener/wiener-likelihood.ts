import { addDeviation, fieldMoments, lognormalMap, wienerResidual } from '@lensfield/kernels';
import type { FieldLikelihoodOptions } from '../field-likelihood.ts';
import type { GaussianSpectra } from '../gaussian-spectra.ts';
import type { LinearModel, PixelData } from './linear-model.ts';

export type WienerLikelihoodOptions = Omit<FieldLikelihoodOptions, 'noise'>;

/**
 * What the log-normal model adds to a linear one whose fields are h, g = scale / shift h. Owns its buffers; arrays are [bins, N, N] or
 * [bins].
 */
export interface WienerLikelihood {
  /** Log likelihood less that of the linear model; writes its gradient in h, for `addGradients` those in shift and variance. */
  logLikelihood(scaled: Float32Array, gradient: Float32Array): number;
  /** Adds the gradient of the last call in the shifts, and hands the spectra theirs, which comes through the variances. */
  addGradients(shiftGradient: Float64Array): void;
  /** Convergence of h. */
  convergence(scaled: Float32Array, map: Float32Array): void;
  setShifts(shifts: Float64Array): void;
  /** Variances of g over the ensemble at the spectra of the last `forward`. */
  ensembleVariance(): Float64Array;
}

export function createWienerLikelihood(
  options: WienerLikelihoodOptions,
  spectra: GaussianSpectra,
  { data, inverseNoise }: PixelData,
  linear: LinearModel,
): WienerLikelihood {
  const { kernels, buffers, mapSize, numBins } = options;
  const pixels = mapSize * mapSize;
  const isSample = options.variance === 'sample';
  const [shift, variance, varianceGradient, factor] = Array.from({ length: 4 }, () =>
    buffers.float64(numBins),
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const moments = buffers.float64(2 * numBins);
  const sums = buffers.float64(3 * numBins);
  const gaussian = buffers.float32(numBins * pixels);
  const parameters = { shift, variance };
  /* Place of each bin's own spectrum among the pairs. */
  const diagonal = Array.from({ length: numBins }, (_, bin) => bin * numBins - (bin * (bin - 1)) / 2);
  const stretch = (bin: number) => linear.scale[bin]! / shift[bin]!;

  function setVariance(scaled: Float32Array): void {
    if (isSample) {
      fieldMoments(kernels, scaled, moments);
      for (let bin = 0; bin < numBins; bin++) variance[bin] = stretch(bin) ** 2 * moments[2 * bin + 1]!;
      return;
    }
    ensembleVariance();
  }

  function ensembleVariance(): Float64Array {
    for (let bin = 0; bin < numBins; bin++) variance[bin] = spectra.totals[diagonal[bin]!]! / pixels;
    return variance;
  }

  return {
    ensembleVariance,
    setShifts(shifts) {
      shift.set(shifts);
    },
    logLikelihood(scaled, gradient) {
      setVariance(scaled);
      wienerResidual(
        kernels,
        { scaled, linear: linear.map, data, inverseNoise, gradient, sums, scale: linear.scale },
        parameters,
      );
      let logLikelihood = 0;
      for (let bin = 0; bin < numBins; bin++) {
        logLikelihood += sums[3 * bin]!;
        varianceGradient[bin] = -0.5 * sums[3 * bin + 2]!;
        factor[bin] = (2 * varianceGradient[bin]! * stretch(bin) ** 2) / pixels;
      }
      if (isSample) addDeviation(kernels, scaled, gradient, moments, factor);
      return logLikelihood;
    },
    addGradients(shiftGradient) {
      for (let bin = 0; bin < numBins; bin++) {
        shiftGradient[bin]! += sums[3 * bin + 1]!;
        if (isSample) shiftGradient[bin]! -= (2 * varianceGradient[bin]! * variance[bin]!) / shift[bin]!;
        else spectra.totalsGradient[diagonal[bin]!] = varianceGradient[bin]! / pixels;
      }
    },
    convergence(scaled, map) {
      setVariance(scaled);
      for (let bin = 0; bin < numBins; bin++)
        for (let i = bin * pixels; i < (bin + 1) * pixels; i++) gaussian[i] = stretch(bin) * scaled[i]!;
      lognormalMap(kernels, gaussian, map, parameters);
    },
  };
}
