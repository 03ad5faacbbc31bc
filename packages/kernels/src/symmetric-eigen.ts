import { InvalidArgumentError, NumericalError } from './errors.ts';

export interface SymmetricEigen {
  /** Eigenvalues, ascending, shape [n]. */
  readonly values: Float64Array;
  /** Orthonormal eigenvectors in columns: component i of vector k at [i * n + k]. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix; only its lower triangle is read.
 *
 * @param matrix  Row-major, shape [n, n]; n up to about 500 takes less than a second.
 * @throws {InvalidArgumentError} if the matrix is not n by n or not finite.
 *
 * Accuracy: 1e-14 of the largest eigenvalue (test/symmetric-eigen.test.ts).
 * Source: Householder reduction to tridiagonal form, then implicit QL (Wilkinson and Reinsch 1971, tred2 and tql2).
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  if (matrix.length !== n * n || n < 1 || !matrix.every(Number.isFinite)) {
    throw new InvalidArgumentError(
      'matrix',
      `kernels.symmetricEigen: matrix must have n * n finite entries; got ${matrix.length} for n = ${n}. Pass a row-major square matrix without NaN.`,
    );
  }
  // Work on rows of the transpose: rows are contiguous.
  const rows: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    rows.push(Float64Array.from({ length: n }, (_, j) => matrix[Math.max(i, j) * n + Math.min(i, j)]));
  }
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  tridiagonalise(rows, diagonal, offDiagonal);
  iterateQl(rows, diagonal, offDiagonal);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[a] - diagonal[b]);
  const vectors = new Float64Array(n * n);
  order.forEach((from, k) => {
    for (let i = 0; i < n; i++) vectors[i * n + k] = rows[from][i];
  });
  return { values: Float64Array.from(order, (k) => diagonal[k]), vectors };
}

/** Householder reduction A = Q T Q^T; leaves Q^T in `rows`, T in `diagonal` and `offDiagonal[1..]`. */
function tridiagonalise(rows: Float64Array[], diagonal: Float64Array, offDiagonal: Float64Array): void {
  const n = rows.length;
  const reflectors: (Float64Array | undefined)[] = [];
  for (let m = n - 1; m > 0; m--) {
    const reflector = m > 1 ? reflectorOf(rows[m], m) : undefined;
    reflectors[m] = reflector?.vector;
    offDiagonal[m] = reflector ? reflector.norm : rows[m][m - 1];
    diagonal[m] = rows[m][m];
    if (reflector) reflectTwoSided(rows, reflector.vector, m);
  }
  diagonal[0] = rows[0][0];
  for (let i = 0; i < n; i++) rows[i].fill(0)[i] = 1;
  for (let m = 2; m < n; m++) {
    const v = reflectors[m];
    if (v) for (let i = 0; i < m; i++) reflectRow(rows[i], v, m);
  }
}

/** Unit vector v of the reflection 1 - 2 v v^T that turns row[0..m) into (0, ..., 0, norm); nothing if it has that form already. */
function reflectorOf(row: Float64Array, m: number): { vector: Float64Array; norm: number } | undefined {
  let scale = 0;
  for (let k = 0; k < m - 1; k++) scale = Math.max(scale, Math.abs(row[k]));
  if (scale === 0) return undefined;
  const length = Math.hypot(...row.subarray(0, m));
  const norm = row[m - 1] > 0 ? -length : length;
  const vector = row.slice(0, m);
  vector[m - 1] -= norm;
  const size = Math.hypot(...vector);
  for (let k = 0; k < m; k++) vector[k] /= size;
  return { vector, norm };
}

/** Leading m by m block B becomes (1 - 2 v v^T) B (1 - 2 v v^T). */
function reflectTwoSided(rows: Float64Array[], v: Float64Array, m: number): void {
  const p = new Float64Array(m);
  let along = 0;
  for (let i = 0; i < m; i++) {
    const row = rows[i];
    let sum = 0;
    for (let j = 0; j < m; j++) sum += row[j] * v[j];
    p[i] = 2 * sum;
    along += p[i] * v[i];
  }
  for (let i = 0; i < m; i++) p[i] -= along * v[i];
  for (let i = 0; i < m; i++) {
    const row = rows[i];
    for (let j = 0; j < m; j++) row[j] -= v[i] * p[j] + p[i] * v[j];
  }
}

/** row[0..m) times (1 - 2 v v^T). */
function reflectRow(row: Float64Array, v: Float64Array, m: number): void {
  let sum = 0;
  for (let j = 0; j < m; j++) sum += row[j] * v[j];
  for (let j = 0; j < m; j++) row[j] -= 2 * sum * v[j];
}

/** Implicit QL iteration; rotates `rows` (row k becomes eigenvector k) and turns `diagonal` into eigenvalues. */
function iterateQl(rows: Float64Array[], diagonal: Float64Array, offDiagonal: Float64Array): void {
  const n = rows.length;
  const e = new Float64Array(n);
  e.set(offDiagonal.subarray(1));
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > 2 ** -53 * (Math.abs(diagonal[m]) + Math.abs(diagonal[m + 1]))) {
        m++;
      }
      if (m === l) break;
      if (iteration === 60) {
        throw new NumericalError(
          'eigenvalue',
          `kernels.symmetricEigen: the iteration must converge within 60 steps; got none for eigenvalue ${l}. Scale the matrix.`,
        );
      }
      sweepQl(rows, diagonal, e, l, m);
    }
  }
}

/** One implicit QL sweep with Wilkinson's shift over the block l .. m. */
function sweepQl(rows: Float64Array[], d: Float64Array, e: Float64Array, l: number, m: number): void {
  const n = rows.length;
  let g = (d[l + 1] - d[l]) / (2 * e[l]);
  let r = Math.hypot(g, 1);
  g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i];
    const b = cosine * e[i];
    r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * sine + 2 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
    const upper = rows[i + 1];
    const lower = rows[i];
    for (let k = 0; k < n; k++) {
      const held = upper[k];
      upper[k] = sine * lower[k] + cosine * held;
      lower[k] = cosine * lower[k] - sine * held;
    }
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}
