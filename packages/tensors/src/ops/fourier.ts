import { InvalidArgumentError } from '@lensfield/kernels';
import { engine, type Tensor } from '@tensorflow/tfjs-core';

/** Kernels of the real two-dimensional transforms over the last two map axes. */
export const RFFT2 = 'LensfieldRfft2';
export const IRFFT2 = 'LensfieldIrfft2';
export const RFFT2_ADJOINT = 'LensfieldRfft2Adjoint';
export const IRFFT2_ADJOINT = 'LensfieldIrfft2Adjoint';

/**
 * Two-dimensional real Fourier transform, unnormalised.
 *
 * @param x  Real maps, shape [..., rows, columns]; rows and columns of the form 2^a 3^b 5^c.
 * @returns  Half plane of modes, shape [..., rows, columns/2 + 1 (rounded down), 2]; last axis real and imaginary part.
 * @throws {InvalidArgumentError} if x has fewer than two axes.
 *
 * Differentiable to any order (the map is linear and its adjoint is a kernel). Memory: leak-free.
 */
export function rfft2(x: Tensor): Tensor {
  if (x.rank < 2) {
    throw new InvalidArgumentError(
      'x',
      `tensors.rfft2: x must have at least two axes; got shape [${x.shape}].`,
    );
  }
  return engine().runKernel(RFFT2, { x }, { columns: x.shape[x.rank - 1]! });
}

/**
 * Inverse of {@link rfft2}, normalised by 1 / (rows * columns).
 *
 * @param modes    Half plane, shape [..., rows, columns/2 + 1, 2].
 * @param columns  Number of columns of the map, which the half plane leaves open by one.
 * @returns        Real maps, shape [..., rows, columns].
 * @throws {InvalidArgumentError} if the shape of modes does not fit columns.
 *
 * The imaginary parts of the self-conjugate modes are ignored. Differentiable to any order. Memory: leak-free.
 */
export function irfft2(modes: Tensor, columns: number): Tensor {
  const expected = [Math.floor(columns / 2) + 1, 2];
  if (modes.rank < 3 || modes.shape.at(-2) !== expected[0] || modes.shape.at(-1) !== 2) {
    throw new InvalidArgumentError(
      'modes',
      `tensors.irfft2: modes must have shape [..., rows, ${expected}] for ${columns} columns; got [${modes.shape}].`,
    );
  }
  return engine().runKernel(IRFFT2, { x: modes }, { columns });
}
