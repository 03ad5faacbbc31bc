import {
  averageModes,
  irfft2,
  layOutModes,
  mixWiener,
  mixWienerGradient,
  rfft2,
  rfft2Beside,
  wienerRootGradient,
  wienerRoots,
} from '@lensfield/kernels';
import { mapArrays } from '../buffers.ts';
import type { GaussianSpectra } from '../gaussian-spectra.ts';
import { improveLinearModel, type LinearModel, type PixelData, startLinearModel } from './linear-model.ts';
import { observeModes } from './observed-modes.ts';
import { createWienerLikelihood, type WienerLikelihoodOptions } from './wiener-likelihood.ts';

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
  readonly linear: LinearModel;
  /** Reads the latents, on another thread while `work` runs; comes before each of the next two. */
  takeLatents<T>(work: () => T): T;
  /** Both of them take the spectra of the last `forward`, and these shifts. */
  convergence(shifts: Float64Array): void;
  /**
   * Log density of the latents up to a constant, less that of a standard normal; writes its gradient in the spectra to their gradients
   * and that in the shifts at fixed spectra.
   */
  logDensity(shifts: Float64Array, shiftGradient: Float64Array): number;
  /** Chooses the linear model that fits the log-normal one best there; see {@link improveLinearModel}. Sets the latents to zero. */
  linearise(shifts: Float64Array): void;
}

/** Half steps: as many again move no pixel by a tenth of its noise (test/linear-model.test.ts). */
const LINEARISATIONS = 10;

function fieldBuffers(options: WienerLikelihoodOptions, modes: number) {
  const { buffers, numBins, lanes } = options;
  const { field, halfPlane, quadrant } = mapArrays(buffers, options);
  return {
    latents: field(),
    scaled: field(),
    map: field(),
    latentGradient: field(),
    linear: { map: field(), scale: buffers.float64(numBins) },
    observed: { modes: halfPlane(), power: buffers.float64(modes * lanes) },
    waves: halfPlane(),
    mixed: halfPlane(),
    quadrant: quadrant(),
    products: quadrant(),
    root: buffers.float64(modes * lanes),
    evidence: buffers.float64(modes),
    response: buffers.float64(numBins),
    responseGradient: buffers.float64(numBins),
  };
}

/**
 * In the linear model y = h + unit noise the field h, with covariance A = (shift / scale) G (shift / scale) mode by mode, has the
 * posterior mean L L' y and covariance L L' = A (1 + A)^-1. So h = L (latents + L' y) turns latents that are standard normal given y
 * into fields. The log-normal model differs from the linear one by the ratio of the likelihoods alone; the Jacobian of the change
 * of coordinates and the prior of h join in the evidence of the linear model, whatever y and its scale:
 *
 *   log p = log L(kappa) - log L(linear) - sum over modes of (y^H (1 + A)^-1 y + log det(1 + A)) / 2 - |latents|^2 / 2.
 */
export function createWienerField(
  options: WienerLikelihoodOptions,
  spectra: GaussianSpectra,
  data: PixelData,
): WienerField {
  const { kernels, mapSize, numBins, lanes } = options;
  const { count, counts } = spectra;
  const b = fieldBuffers(options, count);
  const { linear, observed } = b;
  const likelihood = createWienerLikelihood(options, spectra, data, linear);
  const grid = { batch: numBins, rows: mapSize, columns: mapSize };
  const mixing = { size: mapSize, fields: numBins };
  const packed = { ...mixing, lanes };
  const matrices = { count, size: numBins, stride: lanes };
  const modes = { spectra: spectra.values, response: b.response, power: observed.power };
  const arrays = { quadrant: b.quadrant, data: observed.modes, waves: b.waves };
  startLinearModel(data, linear);
  observeModes(kernels, options, linear.map, observed);

  function takeLatents<T>(work: () => T): T {
    return rfft2Beside(kernels, b.latents, b.waves, grid, work);
  }

  /** h of the latents taken; keeps latents + L' y in `waves`. */
  function setField(shifts: Float64Array): void {
    likelihood.setShifts(shifts);
    for (let bin = 0; bin < numBins; bin++) b.response[bin] = shifts[bin]! / linear.scale[bin]!;
    wienerRoots(kernels, modes, b.root, b.evidence, matrices);
    layOutModes(kernels, b.root, b.quadrant, packed);
    mixWiener(kernels, arrays, b.mixed, mixing);
    irfft2(kernels, b.mixed, b.scaled, grid);
  }

  /** From the gradient in h (in `map`) to those in the latents and, through both places of L, in L. */
  function pullBack(): void {
    const { products, mixed } = b;
    rfft2(kernels, b.map, mixed, grid);
    mixWienerGradient(kernels, { ...arrays, cotangent: mixed, latentGradient: mixed, products }, mixing);
    averageModes(kernels, products, spectra.gradient, packed);
    irfft2(kernels, mixed, b.latentGradient, grid);
  }

  function evidence(): number {
    let sum = 0;
    for (let mode = 0; mode < count; mode++) sum += counts[mode]! * b.evidence[mode]!;
    return sum;
  }

  /** Posterior variance of h in a pixel: the mean of L L' over all modes. */
  function uncertainty(): Float64Array {
    const sum = new Float64Array(numBins);
    for (let mode = 0; mode < count; mode++)
      for (let i = 0, pair = mode * lanes; i < numBins; i++)
        for (let j = i; j < numBins; j++, pair++)
          sum[j]! += (counts[mode]! * b.root[pair]! ** 2) / (mapSize * mapSize);
    return sum;
  }

  return {
    linearise(shifts) {
      b.latents.fill(0);
      for (let i = 0; i < LINEARISATIONS; i++) {
        rfft2(kernels, b.latents, b.waves, grid);
        setField(shifts);
        const variance = likelihood.ensembleVariance();
        improveLinearModel(data, { mean: b.scaled, uncertainty: uncertainty(), shifts, variance }, linear);
        observeModes(kernels, options, linear.map, observed);
      }
    },
    takeLatents,
    linear,
    latents: b.latents,
    map: b.map,
    latentGradient: b.latentGradient,
    convergence(shifts) {
      setField(shifts);
      likelihood.convergence(b.scaled, b.map);
    },
    logDensity(shifts, shiftGradient) {
      setField(shifts);
      const value = evidence() + likelihood.logLikelihood(b.scaled, b.map);
      pullBack();
      const { gradient } = spectra;
      const { responseGradient } = b;
      wienerRootGradient(
        kernels,
        modes,
        { cotangent: gradient, counts, gradient, responseGradient },
        matrices,
      );
      for (let bin = 0; bin < numBins; bin++)
        shiftGradient[bin] = responseGradient[bin]! / linear.scale[bin]!;
      likelihood.addGradients(shiftGradient);
      return value;
    },
  };
}
