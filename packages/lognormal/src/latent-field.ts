import {
  addModeVariancesGradient,
  averageModes,
  irfft2,
  layOutModes,
  mixModes,
  mixModesGradient,
  rfft2,
} from '@lensfield/kernels';
import { mapArrays } from './buffers.ts';
import { createFieldLikelihood, type FieldLikelihoodOptions } from './field-likelihood.ts';

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

function fieldBuffers(options: FieldLikelihoodOptions) {
  const { field, halfPlane, quadrant } = mapArrays(options.buffers, options);
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
  };
}

/**
 * g = irfft2(S rfft2(z)), kappa = shift (exp(g - variance / 2) - 1), y = kappa + noise; the gradients are the transposes of these
 * steps written out. irfft2 S rfft2 is its own transpose, S being real and even.
 */
export function createLatentField(options: FieldLikelihoodOptions): LatentField {
  const { kernels, mapSize, numBins, lanes } = options;
  const b = fieldBuffers(options);
  const likelihood = createFieldLikelihood(options);
  const grid = { batch: numBins, rows: mapSize, columns: mapSize };
  const mixing = { size: mapSize, fields: numBins };
  const packed = { ...mixing, lanes };

  function gaussianField(root: Float64Array, shifts: Float64Array): void {
    likelihood.setModel(root, shifts);
    layOutModes(kernels, root, b.quadrant, packed);
    rfft2(kernels, b.latents, b.waves, grid);
    mixModes(kernels, b.quadrant, b.waves, b.mixed, mixing);
    irfft2(kernels, b.mixed, b.gaussian, grid);
  }

  return {
    latents: b.latents,
    map: b.map,
    latentGradient: b.latentGradient,
    shiftGradient: likelihood.shiftGradient,
    convergence(root, shifts) {
      gaussianField(root, shifts);
      likelihood.convergence(b.gaussian, b.map);
    },
    logLikelihood(root, shifts, data, rootGradient) {
      gaussianField(root, shifts);
      const logLikelihood = likelihood.logLikelihood(b.gaussian, data, b.map);
      rfft2(kernels, b.map, b.cotangent, grid);
      const { quadrant, cotangent, products } = b;
      mixModesGradient(
        kernels,
        { quadrant, input: b.waves, cotangent, inputGradient: b.mixed, products },
        mixing,
      );
      irfft2(kernels, b.mixed, b.latentGradient, grid);
      averageModes(kernels, products, rootGradient, packed);
      if (options.variance === 'ensemble')
        addModeVariancesGradient(kernels, root, likelihood.varianceGradient, rootGradient, packed);
      return logLikelihood;
    },
  };
}
