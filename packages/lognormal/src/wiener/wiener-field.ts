import {
  addScaled,
  averageModes,
  eigenLength,
  irfft2,
  layOutModes,
  mixModes,
  mixModesGradient,
  rfft2,
  wienerRootGradient,
  wienerRoots,
} from '@lensfield/kernels';
import { mapArrays } from '../buffers.ts';
import type { FieldLikelihoodOptions } from '../field-likelihood.ts';
import type { GaussianSpectra } from '../gaussian-spectra.ts';
import { observedModes } from './observed-modes.ts';
import { createWienerLikelihood } from './wiener-likelihood.ts';

/**
 * Fields given one map, from latents that are nearly independent of the map and of the parameters; owns its buffers. Arrays are
 * [bins, N, N] or [bins].
 */
export interface WienerField {
  /** Caller's input. */
  readonly latents: Float32Array;
  /** Written by `convergence`. */
  readonly map: Float32Array;
  /** Written by `logDensity`. */
  readonly latentGradient: Float32Array;
  /** Both of them take the spectra of the last `forward`, and these shifts. */
  convergence(shifts: Float64Array): void;
  /**
   * Log density of the latents up to a constant, less that of a standard normal; writes its gradient in the spectra to their `gradient`
   * and that in the shifts at fixed spectra.
   */
  logDensity(shifts: Float64Array, shiftGradient: Float64Array): number;
}

function fieldBuffers(options: FieldLikelihoodOptions, modes: number) {
  const { buffers, numBins, lanes } = options;
  const { field, halfPlane, quadrant } = mapArrays(buffers, options);
  return {
    latents: field(),
    scaled: field(),
    map: field(),
    latentGradient: field(),
    waves: halfPlane(),
    mixed: halfPlane(),
    cotangent: halfPlane(),
    quadrant: quadrant(),
    products: quadrant(),
    root: buffers.float64(modes * lanes),
    meanGradient: buffers.float64(modes * lanes),
    evidence: buffers.float64(modes),
    eigen: buffers.float64(eigenLength({ count: modes, size: numBins })),
    response: buffers.float64(numBins),
    responseGradient: buffers.float64(numBins),
  };
}

/**
 * In the linear model map = noise h + noise the field h, with covariance A = (shift / noise) G (shift / noise) mode by mode, has the
 * posterior mean R^2 y and covariance R^2, R^2 = A (1 + A)^-1, y the map over its noise. So h = R (latents + R y) turns latents that are
 * standard normal given the map into fields. The log-normal model differs from the linear one by the ratio of the likelihoods
 * alone; the Jacobian of the change of coordinates and the prior of h join in the evidence of the linear model:
 *
 *   log p = log L(kappa) - log L(linear) - sum over modes of (y^H (1 + A)^-1 y + log det(1 + A)) / 2 - |latents|^2 / 2.
 */
export function createWienerField(
  options: FieldLikelihoodOptions,
  spectra: GaussianSpectra,
  data: Float32Array,
): WienerField {
  const { kernels, buffers, mapSize, numBins, lanes, noise } = options;
  const { count, counts } = spectra;
  const b = fieldBuffers(options, count);
  const observed = observedModes(kernels, buffers, { mapSize, numBins, lanes, count }, data, noise);
  const likelihood = createWienerLikelihood(options, spectra);
  const grid = { batch: numBins, rows: mapSize, columns: mapSize };
  const mixing = { size: mapSize, fields: numBins };
  const packed = { ...mixing, lanes };
  const matrices = { count, size: numBins, stride: lanes };
  const modes = { spectra: spectra.values, response: b.response, power: observed.power, eigen: b.eigen };

  /** h of the latents; keeps latents + R y in `waves`. */
  function setField(shifts: Float64Array): void {
    likelihood.setShifts(shifts);
    for (let bin = 0; bin < numBins; bin++) b.response[bin] = shifts[bin]! / noise[bin]!;
    wienerRoots(kernels, modes, b.root, b.evidence, matrices);
    layOutModes(kernels, b.root, b.quadrant, packed);
    rfft2(kernels, b.latents, b.waves, grid);
    mixModes(kernels, b.quadrant, observed.modes, b.mixed, mixing);
    addScaled(kernels, 1, b.mixed, b.waves);
    mixModes(kernels, b.quadrant, b.waves, b.mixed, mixing);
    irfft2(kernels, b.mixed, b.scaled, grid);
  }

  /** From the gradient in h (in `map`) to those in the latents and, through both places of R, in R. */
  function pullBack(): void {
    const { quadrant, cotangent, products, mixed } = b;
    rfft2(kernels, b.map, cotangent, grid);
    mixModesGradient(
      kernels,
      { quadrant, input: b.waves, cotangent, inputGradient: mixed, products },
      mixing,
    );
    averageModes(kernels, products, spectra.gradient, packed);
    mixModesGradient(
      kernels,
      { quadrant, input: observed.modes, cotangent: mixed, inputGradient: cotangent, products },
      mixing,
    );
    averageModes(kernels, products, b.meanGradient, packed);
    for (let at = 0; at < b.meanGradient.length; at++) spectra.gradient[at]! += b.meanGradient[at]!;
    irfft2(kernels, mixed, b.latentGradient, grid);
  }

  function evidence(): number {
    let sum = 0;
    for (let mode = 0; mode < count; mode++) sum += counts[mode]! * b.evidence[mode]!;
    return sum;
  }

  return {
    latents: b.latents,
    map: b.map,
    latentGradient: b.latentGradient,
    convergence(shifts) {
      setField(shifts);
      likelihood.convergence(b.scaled, b.map);
    },
    logDensity(shifts, shiftGradient) {
      setField(shifts);
      const value = evidence() + likelihood.logLikelihood(b.scaled, data, b.map);
      pullBack();
      const { gradient } = spectra;
      const { responseGradient } = b;
      wienerRootGradient(
        kernels,
        modes,
        { cotangent: gradient, counts, gradient, responseGradient },
        matrices,
      );
      for (let bin = 0; bin < numBins; bin++) shiftGradient[bin] = responseGradient[bin]! / noise[bin]!;
      likelihood.addGradients(shiftGradient, gradient);
      return value;
    },
  };
}
