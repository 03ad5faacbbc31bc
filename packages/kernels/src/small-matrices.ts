import { InvalidArgumentError, NumericalError } from './errors.ts';

function checkSquare(name: string, matrix: Float64Array, n: number): void {
  if (!Number.isInteger(n) || n < 1 || matrix.length !== n * n) {
    throw new InvalidArgumentError(
      'matrix',
      `kernels.${name}: matrix must have n * n entries; got ${matrix.length} for n = ${n}. Pass a row-major square matrix.`,
    );
  }
}

/**
 * Lower Cholesky factor L of a symmetric positive definite matrix, L L^T = matrix; only its lower triangle is read.
 *
 * @param matrix  Row-major, shape [n, n].
 * @throws {NumericalError} if the matrix is not positive definite.
 */
export function cholesky(matrix: Float64Array, n: number): Float64Array {
  checkSquare('cholesky', matrix, n);
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= factor[i * n + k] * factor[j * n + k];
      if (i !== j) factor[i * n + j] = sum / factor[j * n + j];
      else if (sum > 0) factor[i * n + i] = Math.sqrt(sum);
      else {
        throw new NumericalError(
          'pivot',
          `kernels.cholesky: matrix must be positive definite; got pivot ${sum} in row ${i}. Check its symmetry, or add to its diagonal.`,
        );
      }
    }
  }
  return factor;
}

/** Solves L L^T x = right for a factor of {@link cholesky}; `right` has shape [n]. */
export function choleskySolve(factor: Float64Array, right: Float64Array, n: number): Float64Array {
  checkSquare('choleskySolve', factor, n);
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= factor[i * n + k] * x[k];
    x[i] /= factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= factor[k * n + i] * x[k];
    x[i] /= factor[i * n + i];
  }
  return x;
}

/** Gaussian elimination with row pivoting of [matrix | right] in place; returns the determinant, zero as soon as it is singular. */
function eliminate(a: Float64Array, b: Float64Array, n: number, columns: number): number {
  let determinant = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    const head = a[pivot * n + k];
    if (head === 0 || Number.isNaN(head)) return head;
    if (pivot !== k) {
      determinant = -determinant;
      swapRows(a, n, k, pivot);
      swapRows(b, columns, k, pivot);
    }
    determinant *= head;
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k] / head;
      for (let j = k; j < n; j++) a[i * n + j] -= factor * a[k * n + j];
      for (let j = 0; j < columns; j++) b[i * columns + j] -= factor * b[k * columns + j];
    }
  }
  return determinant;
}

function swapRows(a: Float64Array, columns: number, first: number, second: number): void {
  for (let j = 0; j < columns; j++) {
    const held = a[first * columns + j];
    a[first * columns + j] = a[second * columns + j];
    a[second * columns + j] = held;
  }
}

/**
 * Solves matrix x = right by elimination with row pivoting.
 *
 * @param matrix   Row-major, shape [n, n].
 * @param right    Row-major, shape [n, right.length / n].
 * @throws {NumericalError} if the matrix is singular.
 */
export function solve(matrix: Float64Array, right: Float64Array, n: number): Float64Array {
  checkSquare('solve', matrix, n);
  const columns = right.length / n;
  if (!Number.isInteger(columns) || columns < 1) {
    throw new InvalidArgumentError(
      'right',
      `kernels.solve: right must hold n = ${n} rows; got ${right.length} entries. Pass shape [n, columns].`,
    );
  }
  const a = Float64Array.from(matrix);
  const x = Float64Array.from(right);
  const determinant = eliminate(a, x, n, columns);
  if (determinant === 0 || Number.isNaN(determinant)) {
    throw new NumericalError(
      'determinant',
      `kernels.solve: matrix must be regular; got a zero or NaN pivot. Check that no row is a combination of the others.`,
    );
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) {
      let sum = x[i * columns + c];
      for (let k = i + 1; k < n; k++) sum -= a[i * n + k] * x[k * columns + c];
      x[i * columns + c] = sum / a[i * n + i];
    }
  }
  return x;
}

/** Inverse of a regular matrix, row-major [n, n]. @throws {NumericalError} if it is singular. */
export function inverse(matrix: Float64Array, n: number): Float64Array {
  checkSquare('inverse', matrix, n);
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * n + i] = 1;
  return solve(matrix, identity, n);
}

/** Determinant of a row-major [n, n] matrix; zero if it is singular. */
export function determinant(matrix: Float64Array, n: number): number {
  checkSquare('determinant', matrix, n);
  return eliminate(Float64Array.from(matrix), new Float64Array(0), n, 0);
}
