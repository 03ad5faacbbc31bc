import type { Kernels } from '@lensfield/kernels';
import { createBuffers } from './buffers.ts';
import type { VarianceChoice } from './field-likelihood.ts';
import { createGaussianRoots } from './gaussian-roots.ts';
import { createLatentField } from './latent-field.ts';
import type { MapGeometry } from './spectrum-nodes.ts';
import type { FieldStatistics, Theory } from './theory.ts';
import { contractTheory } from './theory-gradient.ts';

export interface FieldEngineOptions extends MapGeometry {
  readonly kernels: Kernels;
  readonly numBins: number;
  /** Standard deviation of the noise per pixel, [bins]. */
  readonly noise: Float64Array;
  readonly variance: VarianceChoice;
  /** Made for the multipoles of the engine's nodes. */
  readonly theoryAt: (ell: Float64Array) => Theory;
}

/**
 * The log-normal model of one map geometry on buffers that are allocated once: latents in, convergence or log likelihood with
 * all gradients out. One caller at a time; a result is valid until the next call. Fields are [bins, N, N] here.
 */
export interface FieldEngine {
  readonly numBins: number;
  readonly mapSize: number;
  /** Multipoles of the spectra. */
  readonly ell: Float64Array;
  readonly theory: Theory;
  /** Input of both functions: white latents. */
  readonly latents: Float32Array;
  /** Noiseless convergence at `theta` for `latents`; a buffer. NaN where the model has no meaning. */
  convergence(theta: Float64Array): Float32Array;
  /**
   * Log likelihood of `data` (up to a constant) given `theta` and `latents`. Writes its gradient in theta; that in the latents is
   * in `latentGradient`. Not finite where the model has no meaning.
   */
  logLikelihood(theta: Float64Array, data: Float32Array, thetaGradient: Float64Array): number;
  readonly latentGradient: Float32Array;
  /** The same in two steps, for many maps or latents at the same parameters. */
  setTheta(theta: Float64Array): FixedParameters;
  logLikelihoodAtTheta(data: Float32Array, thetaGradient: Float64Array): number;
  /** Gives the buffers back (WASM memory is not garbage-collected); the engine must not be used afterwards. */
  dispose(): void;
}

/** What the fields of an engine are made with at given parameters; buffers. */
export interface FixedParameters {
  /** Doubles per mode of `root`. */
  readonly lanes: number;
  /** Symmetric roots of the Gaussian spectra on the distinct modes, [modes, lanes], packed upper triangles. */
  readonly root: Float64Array;
  /** [bins]. */
  readonly shifts: Float64Array;
}

export function createFieldEngine(options: FieldEngineOptions): FieldEngine {
  const buffers = createBuffers(options.kernels);
  const roots = createGaussianRoots({ ...options, buffers });
  const field = createLatentField({ ...options, buffers, lanes: roots.lanes });
  const { ell } = roots.nodes;
  const theory = options.theoryAt(ell);
  let statistics: FieldStatistics | undefined;

  function setTheta(theta: Float64Array): FixedParameters {
    statistics = theory(theta, { jacobian: true });
    roots.forward(statistics.spectra, statistics.shifts);
    return { lanes: roots.lanes, root: roots.root, shifts: statistics.shifts };
  }

  function logLikelihoodAtTheta(data: Float32Array, thetaGradient: Float64Array): number {
    if (!statistics) throw new Error('lognormal: setTheta comes before logLikelihoodAtTheta.');
    const { shifts } = statistics;
    const logLikelihood = field.logLikelihood(roots.root, shifts, data, roots.rootGradient);
    const logSpectraGradient = roots.backward(shifts, field.shiftGradient);
    contractTheory(statistics, logSpectraGradient, field.shiftGradient, roots.lanes, thetaGradient);
    return logLikelihood;
  }

  return {
    numBins: options.numBins,
    mapSize: options.mapSize,
    ell,
    theory,
    latents: field.latents,
    latentGradient: field.latentGradient,
    dispose: buffers.release,
    convergence(theta) {
      statistics = undefined;
      const { spectra, shifts } = theory(theta, { jacobian: false });
      roots.forward(spectra, shifts);
      field.convergence(roots.root, shifts);
      return field.map;
    },
    setTheta,
    logLikelihoodAtTheta,
    logLikelihood(theta, data, thetaGradient) {
      setTheta(theta);
      return logLikelihoodAtTheta(data, thetaGradient);
    },
  };
}
