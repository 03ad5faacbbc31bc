import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import type { Kernels } from './kernels.ts';
import { checkMatrices, type SymmetricRootOptions } from './symmetric-root.ts';

/**
 * Gaussian fields seen with white noise, mode by mode. Arrays [count, stride] hold packed upper triangles; Y, the power of the data, is in
 * units of the noise.
 */
export interface WienerModes {
  /** Spectra G of the fields, [count, stride]. */
  readonly spectra: Float64Array;
  /** Response over noise of each field, [size]; above 0. */
  readonly response: Float64Array;
  /** Y, [count, stride]: real part of the products of modes. */
  readonly power: Float64Array;
}

function checkModes(where: string, modes: WienerModes, options: SymmetricRootOptions): void {
  const { count, size, stride } = options;
  checkMatrices(where, options);
  requireLength(where, 'spectra', modes.spectra, count * stride);
  requireLength(where, 'power', modes.power, count * stride);
  requireLength(where, 'response', modes.response, size);
}

/**
 * Lower triangular roots L of the posterior covariance of the fields, L L^T = A (1 + A)^-1 with A = response G response, in units of
 * noise over response; and the evidence of each mode, -(tr((1 + A)^-1 Y) + log det(1 + A)) / 2. Negative eigenvalues of A are taken as
 * zero.
 *
 * @param root      Written, [count, stride]: L_ji in the place of the pair i <= j; the rest of each row is left alone.
 * @param evidence  Written, [count].
 *
 * Accuracy: evidence 1e-12; root 1e-7, where an eigenvalue is near zero (test/wiener-root.test.ts).
 */
export function wienerRoots(
  kernels: Kernels,
  modes: WienerModes,
  root: Float64Array,
  evidence: Float64Array,
  options: SymmetricRootOptions,
): void {
  checkModes('wienerRoots', modes, options);
  const { count, size, stride } = options;
  requireLength('wienerRoots', 'root', root, count * stride);
  requireLength('wienerRoots', 'evidence', evidence, count);
  const { spectra, response, power } = modes;
  kernels.call.lf_wiener_root(spectra, response, power, root, evidence, count, size, stride);
}

export interface WienerGradients {
  /** Gradient of a scalar in the packed entries of the roots, [count, stride]. */
  readonly cotangent: Float64Array;
  /** Weight of each mode in the gradient in `response`, [count]. */
  readonly counts: Float64Array;
  /** Written: gradient of that scalar plus the evidence in the packed spectra, per mode; may be the array of `cotangent`. */
  readonly gradient: Float64Array;
  /** Written: the same in `response`, summed over the modes, [size]. */
  readonly responseGradient: Float64Array;
}

/** The transpose of the derivative of {@link wienerRoots}; the evidence of every mode counts with cotangent 1. */
export function wienerRootGradient(
  kernels: Kernels,
  modes: WienerModes,
  gradients: WienerGradients,
  options: SymmetricRootOptions,
): void {
  checkModes('wienerRootGradient', modes, options);
  const { count, size, stride } = options;
  const { cotangent, counts, gradient, responseGradient } = gradients;
  requireLength('wienerRootGradient', 'cotangent', cotangent, count * stride);
  requireLength('wienerRootGradient', 'gradient', gradient, count * stride);
  requireLength('wienerRootGradient', 'counts', counts, count);
  requireLength('wienerRootGradient', 'responseGradient', responseGradient, size);
  const { spectra, response, power } = modes;
  requireMemory(
    'wienerRootGradient',
    kernels.call.lf_wiener_root_gradient(
      spectra,
      response,
      power,
      cotangent,
      counts,
      gradient,
      responseGradient,
      count,
      size,
      stride,
    ),
  );
}
