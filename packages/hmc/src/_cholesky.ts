import { cholesky, isLensfieldError } from '@lensfield/kernels';

/** Largest asymmetry, relative to the diagonal, that rounding of a matrix product explains. */
const ROUNDING = 1e-8;

/** Lower Cholesky factor of a matrix, row-major [n, n]; undefined if it is not symmetric and positive definite. */
export function choleskyOf(matrix: Float64Array, n: number): Float64Array | undefined {
  if (n === 0) return new Float64Array(0);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const scale = Math.sqrt(Math.abs(matrix[i * n + i] * matrix[j * n + j]));
      if (!(Math.abs(matrix[i * n + j] - matrix[j * n + i]) <= ROUNDING * scale)) return undefined;
    }
  }
  try {
    return cholesky(matrix, n);
  } catch (error) {
    if (isLensfieldError(error, 'NUMERICAL')) return undefined;
    throw error;
  }
}
