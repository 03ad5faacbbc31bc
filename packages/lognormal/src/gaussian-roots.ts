import { eigenLength, symmetricRootGradient, symmetricRoots } from '@lensfield/kernels';
import { createGaussianSpectra, type GaussianSpectraOptions } from './gaussian-spectra.ts';
import type { SpectrumNodes } from './spectrum-nodes.ts';

/**
 * The symmetric root, mode by mode, of the spectra of the Gaussian fields behind log-normal ones. Owns its buffers, so a result holds
 * until the next call.
 */
export interface GaussianRoots {
  readonly nodes: SpectrumNodes;
  /** Doubles per mode in `root` and the gradients. */
  readonly lanes: number;
  /** Written by `forward`: [modes, lanes], packed upper triangles. */
  readonly root: Float64Array;
  /** Caller's input of `backward`: gradient in `root` per mode of the full grid, [modes, lanes]. Overwritten. */
  readonly rootGradient: Float64Array;
  forward(spectra: Float64Array, shifts: Float64Array): void;
  /**
   * Gradients in the log spectra at the nodes ([nodes, lanes], a buffer) and, added, in the shifts. Belongs to the last `forward`.
   */
  backward(shifts: Float64Array, shiftGradient: Float64Array): Float64Array;
}

export function createGaussianRoots(options: GaussianSpectraOptions): GaussianRoots {
  const { kernels, buffers, numBins } = options;
  const gaussian = createGaussianSpectra(options);
  const { count, lanes, nodes } = gaussian;
  const matrices = { count, size: numBins, stride: lanes };
  const root = buffers.float64(count * lanes);
  const eigen = buffers.float64(eigenLength(matrices));
  return {
    nodes,
    lanes,
    root,
    rootGradient: gaussian.gradient,
    forward(spectra, shifts) {
      gaussian.forward(spectra, shifts);
      symmetricRoots(kernels, gaussian.values, root, eigen, matrices);
    },
    backward(shifts, shiftGradient) {
      symmetricRootGradient(kernels, eigen, gaussian.gradient, gaussian.gradient, matrices);
      return gaussian.backward(shifts, shiftGradient);
    },
  };
}
