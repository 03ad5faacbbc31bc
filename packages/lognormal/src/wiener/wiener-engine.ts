import type { Kernels } from '@lensfield/kernels';
import { createBuffers } from '../buffers.ts';
import type { VarianceChoice } from '../field-likelihood.ts';
import { createGaussianSpectra } from '../gaussian-spectra.ts';
import type { MapGeometry } from '../spectrum-nodes.ts';
import type { Theory } from '../theory.ts';
import { contractTheory } from '../theory-gradient.ts';
import type { LinearModel, PixelData } from './linear-model.ts';
import { createWienerField } from './wiener-field.ts';

export interface WienerEngineOptions extends MapGeometry {
  readonly kernels: Kernels;
  readonly numBins: number;
  readonly variance: VarianceChoice;
  /** Made for the multipoles of the engine's nodes. */
  readonly theoryAt: (ell: Float64Array) => Theory;
  /** The map; read at every call. */
  readonly data: PixelData;
}

/**
 * The posterior of one map in Wiener coordinates, on buffers that are allocated once. One caller at a time; a result is valid until
 * the next call.
 */
export interface WienerEngine {
  /** Input of both functions: latents, standard normal given the map in the linear model, [bins, N, N]. */
  readonly latents: Float32Array;
  /** Noiseless convergence; a buffer. */
  convergence(theta: Float64Array): Float32Array;
  /**
   * Log density of theta and the latents up to a constant, without the prior of theta and less that of standard normal latents. Writes its
   * gradient in theta; that in the latents is in `latentGradient`. Not finite where the model has no meaning.
   */
  logLikelihood(theta: Float64Array, thetaGradient: Float64Array): number;
  readonly latentGradient: Float32Array;
  /** What the latents are standard normal in given the map. */
  readonly linear: LinearModel;
  /**
   * Chooses the linear model that fits the log-normal one best at these parameters; another model is another meaning of the latents.
   * Sets the latents to zero.
   */
  linearise(theta: Float64Array): void;
  /** Gives the buffers back (WASM memory is not garbage-collected); the engine must not be used afterwards. */
  dispose(): void;
}

export function createWienerEngine(options: WienerEngineOptions): WienerEngine {
  const { numBins } = options;
  const buffers = createBuffers(options.kernels);
  const gaussian = createGaussianSpectra({ ...options, buffers });
  const { lanes } = gaussian;
  const field = createWienerField({ ...options, buffers, lanes }, gaussian, options.data);
  const theory = options.theoryAt(gaussian.nodes.ell);
  const shiftGradient = new Float64Array(numBins);
  return {
    latents: field.latents,
    latentGradient: field.latentGradient,
    linear: field.linear,
    dispose: buffers.release,
    linearise(theta) {
      const { spectra, shifts } = theory(theta, { jacobian: false });
      gaussian.forward(spectra, shifts);
      field.linearise(shifts);
    },
    convergence(theta) {
      const { spectra, shifts } = field.takeLatents(() => theory(theta, { jacobian: false }));
      gaussian.forward(spectra, shifts);
      field.convergence(shifts);
      return field.map;
    },
    logLikelihood(theta, thetaGradient) {
      const statistics = field.takeLatents(() => theory(theta, { jacobian: true }));
      const { spectra, shifts } = statistics;
      gaussian.forward(spectra, shifts);
      const logDensity = field.logDensity(shifts, shiftGradient);
      const logSpectraGradient = gaussian.backward(shifts, shiftGradient);
      contractTheory(statistics, logSpectraGradient, shiftGradient, lanes, thetaGradient);
      return logDensity;
    },
  };
}
