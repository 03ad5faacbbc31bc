import { requireLength } from './_required-length.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

export interface GemmOptions {
  /** Rows of C, columns of C, and the length that is summed over. */
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored [k, m] instead of [m, k]. */
  readonly transposeA?: boolean;
  /** B is stored [n, k] instead of [k, n]. */
  readonly transposeB?: boolean;
  /** Default 1. */
  readonly alpha?: number;
  /** Default 0, and C is then not read. */
  readonly beta?: number;
  /** Number of products, one after the other in memory. Default 1. */
  readonly batch?: number;
  /** Floats from one A (or B) of a batch to the next; 0 uses one for all. Default: the size of a matrix. */
  readonly strideA?: number;
  readonly strideB?: number;
}

/**
 * Matrix products C = alpha op(A) op(B) + beta C, row-major, float32.
 *
 * @param a  [batch, m, k], or [batch, k, m] with `transposeA`.
 * @param b  [batch, k, n], or [batch, n, k] with `transposeB`.
 * @param c  [batch, m, n], written.
 * @throws {InvalidArgumentError} if an array is too short for its shape.
 *
 * Accuracy: as float32 sums of k terms (test/gemm.test.ts). Results do not depend on the number of threads.
 */
export function gemm(
  kernels: Kernels,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
  options: GemmOptions,
): void {
  const { m, n, k, transposeA = false, transposeB = false, alpha = 1, beta = 0, batch = 1 } = options;
  const { strideA = m * k, strideB = k * n } = options;
  requireNatural('m', m);
  requireNatural('n', n);
  requireNatural('k', k);
  requireNatural('batch', batch);
  requireLength('gemm', 'a', a, (batch - 1) * strideA + m * k);
  requireLength('gemm', 'b', b, (batch - 1) * strideB + k * n);
  requireLength('gemm', 'c', c, batch * m * n);
  kernels.call.lf_gemm(
    a,
    b,
    c,
    m,
    n,
    k,
    transposeA ? 1 : 0,
    transposeB ? 1 : 0,
    alpha,
    beta,
    batch,
    strideA,
    strideB,
    m * n,
  );
}

function requireNatural(name: string, size: number): void {
  if (Number.isInteger(size) && size >= 0) return;
  throw new InvalidArgumentError(name, `kernels.gemm: ${name} must be a natural number; got ${size}.`);
}
