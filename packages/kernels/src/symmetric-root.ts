import { requireLength } from './_required-length.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

export interface SymmetricRootOptions {
  /** Number of matrices. */
  readonly count: number;
  /** Rows of each matrix, 1 to 16. */
  readonly size: number;
  /** Doubles from one matrix to the next, at least size (size + 1) / 2. */
  readonly stride: number;
}

/** Length of the `eigen` array of {@link symmetricRoots}. */
export function eigenLength({ count, size }: Pick<SymmetricRootOptions, 'count' | 'size'>): number {
  return Math.ceil(count / 8) * 8 * size * (size + 1);
}

/** Throws unless these are packed matrices that the kernels take. */
export function checkMatrices(where: string, { count, size, stride }: SymmetricRootOptions): void {
  if (!Number.isInteger(size) || size < 1 || size > 16)
    throw new InvalidArgumentError(
      'size',
      `kernels.${where}: size must be an integer from 1 to 16; got ${size}.`,
    );
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('count', `kernels.${where}: count must be at least 1; got ${count}.`);
  if (!Number.isInteger(stride) || stride < (size * (size + 1)) / 2)
    throw new InvalidArgumentError(
      'stride',
      `kernels.${where}: stride must be at least ${(size * (size + 1)) / 2}; got ${stride}.`,
    );
}

/**
 * Symmetric square roots S of symmetric matrices A, S S = A, in float64; negative eigenvalues are taken as zero.
 *
 * @param matrices  [count, stride]; the first size (size + 1) / 2 of each row hold the upper triangle, row by row.
 * @param root      The same layout; the rest of each row is left alone.
 * @param eigen     Kept for {@link symmetricRootGradient}; of {@link eigenLength}. Its layout depends on the backend.
 *
 * Accuracy: S S - A below 1e-13 of the largest entry (test/symmetric-root.test.ts). A NaN in a matrix gives NaN in its root.
 */
export function symmetricRoots(
  kernels: Kernels,
  matrices: Float64Array,
  root: Float64Array,
  eigen: Float64Array,
  options: SymmetricRootOptions,
): void {
  checkMatrices('symmetricRoots', options);
  const { count, size, stride } = options;
  requireLength('symmetricRoots', 'matrices', matrices, count * stride);
  requireLength('symmetricRoots', 'root', root, count * stride);
  requireLength('symmetricRoots', 'eigen', eigen, eigenLength(options));
  kernels.call.lf_symmetric_root(matrices, root, eigen, count, size, stride);
}

/**
 * Gradient of a scalar in the packed entries of the matrices, from that in the packed entries of the roots. An entry off the
 * diagonal stands for both of its places, so its gradient counts both. With A = V E V^T and G the gradient in S it is
 * V ((V^T G V) o F) V^T, F_ab = 1 / (s_a + s_b) (Daleckii and Krein), continued to clipped eigenvalues; zero for a zero matrix.
 *
 * @param eigen      As left by {@link symmetricRoots}.
 * @param cotangent  Gradient in the roots, [count, stride].
 * @param gradient   Gradient in the matrices, [count, stride]; may be the same array as `cotangent`.
 */
export function symmetricRootGradient(
  kernels: Kernels,
  eigen: Float64Array,
  cotangent: Float64Array,
  gradient: Float64Array,
  options: SymmetricRootOptions,
): void {
  checkMatrices('symmetricRootGradient', options);
  const { count, size, stride } = options;
  requireLength('symmetricRootGradient', 'eigen', eigen, eigenLength(options));
  requireLength('symmetricRootGradient', 'cotangent', cotangent, count * stride);
  requireLength('symmetricRootGradient', 'gradient', gradient, count * stride);
  kernels.call.lf_symmetric_root_gradient(eigen, cotangent, gradient, count, size, stride);
}
