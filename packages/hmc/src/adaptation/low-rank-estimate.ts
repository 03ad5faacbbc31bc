import { symmetricEigen } from '@lensfield/kernels';
import { appendRow, emptyRows, type GrowingRows } from '../growing-rows.ts';
import { dot, type LowRank } from '../low-rank.ts';
import type { Metric } from '../metric.ts';
import type { SamplerState } from '../state.ts';
import { whitenGradient, whitenPosition } from '../white-coordinates.ts';

/** Draws of a window from which directions are learned; more are thinned. */
const MOST_KEPT = 128;
/** What is added to covariances in white coordinates, so that they have an inverse. */
const RIDGE = 1e-5;
/** Draws of a window for each direction that may be learned from it. */
const DRAWS_PER_DIRECTION = 8;
/** A direction counts when its variance is above this, or below its inverse: others hardly change the length of a trajectory. */
const CUTOFF = 2;

/** Draws and their gradients, evenly spread over a window. Plain data, updated in place. */
export interface DrawHistory {
  /** Every so many draws one is kept. */
  readonly stride: number;
  seen: number;
  readonly positions: GrowingRows;
  readonly gradients: GrowingRows;
}

export function emptyHistory(dimension: number, windowLength: number): DrawHistory {
  return {
    stride: Math.max(1, Math.ceil(windowLength / MOST_KEPT)),
    seen: 0,
    positions: emptyRows(dimension),
    gradients: emptyRows(dimension),
  };
}

export function addToHistory(history: DrawHistory, { position, gradient }: SamplerState): void {
  if (history.seen++ % history.stride !== 0) return;
  appendRow(history.positions).set(position);
  appendRow(history.gradients).set(gradient);
}

/**
 * The directions in which draws and gradients say most clearly that `block` is not the covariance; at most `most`, maybe none.
 *
 * In the space that the widest draws and gradients span, in white coordinates, the covariance is the geometric mean of that of the draws
 * and the inverse of that of the gradients. For a Gaussian this is exact however few the draws, and it is what makes the Fisher
 * divergence of the draws least.
 *
 * Proof: exact for a Gaussian with few directions (test/low-rank-adaptation.test.ts).
 * Source: Seyboldt, Carlson & Carpenter (2024), "Preconditioning Hamiltonian Monte Carlo by minimizing Fisher divergence", section 3;
 * ridge and cutoff are those of its implementation, nutpie.
 */
export function lowRankOf(
  block: Metric,
  { positions, gradients }: DrawHistory,
  most: number,
): LowRank | undefined {
  const wide = 2 * Math.min(most, Math.floor(positions.count / DRAWS_PER_DIRECTION));
  if (wide === 0) return undefined;
  const draws = centredRows(positions, (row, out) => whitenPosition(block, row, out));
  const slopes = centredRows(gradients, (row, out) => whitenGradient(block, row, out));
  const basis = orthonormal([...widest(draws, wide), ...widest(slopes, wide)]);
  const inBasis = geometricMean(covarianceIn(basis, draws), covarianceIn(basis, slopes), basis.length);
  const { values, vectors } = symmetricEigen(inBasis, basis.length);
  const chosen = Array.from(values.keys())
    .filter((k) => values[k] > 0 && Math.abs(Math.log(values[k])) > Math.log(CUTOFF))
    .sort((a, b) => Math.abs(Math.log(values[b])) - Math.abs(Math.log(values[a])))
    .slice(0, most);
  if (chosen.length === 0) return undefined;
  const n = positions.width;
  const directions = new Float64Array(chosen.length * n);
  chosen.forEach((k, row) => {
    basis.forEach((vector, b) => {
      const share = vectors[b * basis.length + k];
      for (let i = 0; i < n; i++) directions[row * n + i] += share * vector[i];
    });
  });
  return { directions, variances: Float64Array.from(chosen, (k) => values[k]) };
}

/**
 * The diagonal of the metric once the directions are accounted for: that of `block` times the root of the variance of the draws over that
 * of the gradients, in each white coordinate and across the directions. A coordinate that takes part in a long direction looks wide
 * without it, and short steps along all the others would be the price.
 */
export function diagonalBeside(
  block: Metric,
  { positions, gradients }: DrawHistory,
  { directions }: LowRank,
): Metric {
  const acrossSquares = (rows: Float64Array[]) => {
    const squares = new Float64Array(positions.width);
    for (const row of rows) {
      const n = row.length;
      const along = Array.from({ length: directions.length / n }, (_, k) =>
        dot(directions, k * n, row, 0, n),
      );
      along.forEach((share, k) => {
        for (let i = 0; i < n; i++) row[i] -= share * directions[k * n + i];
      });
      for (let i = 0; i < n; i++) squares[i] += row[i] * row[i];
    }
    return squares;
  };
  const draws = acrossSquares(centredRows(positions, (row, out) => whitenPosition(block, row, out)));
  const slopes = acrossSquares(centredRows(gradients, (row, out) => whitenGradient(block, row, out)));
  const diagonal = block.diagonal.map((variance, i) => {
    const at = block.numDense + i;
    const factor = Math.sqrt(draws[at] / slopes[at]);
    return factor > 0 && Number.isFinite(factor) ? variance * factor : variance;
  });
  return { ...block, diagonal };
}

/** The rows in other coordinates, less their mean. */
function centredRows(
  { data, count, width }: GrowingRows,
  carry: (row: Float64Array, out: Float64Array) => void,
): Float64Array[] {
  const mean = new Float64Array(width);
  const rows = Array.from({ length: count }, (_, r) => {
    const out = new Float64Array(width);
    carry(data.subarray(r * width, (r + 1) * width), out);
    for (let i = 0; i < width; i++) mean[i] += out[i] / count;
    return out;
  });
  for (const row of rows) for (let i = 0; i < width; i++) row[i] -= mean[i];
  return rows;
}

/** The directions along which rows scatter most, from the eigenvectors of their inner products. */
function widest(rows: readonly Float64Array[], most: number): Float64Array[] {
  const count = rows.length;
  const products = new Float64Array(count * count);
  for (let r = 0; r < count; r++)
    for (let s = 0; s <= r; s++) products[r * count + s] = dot(rows[r], 0, rows[s], 0, rows[r].length);
  const { vectors } = symmetricEigen(products, count);
  return Array.from({ length: Math.min(most, count - 1) }, (_, k) => {
    const direction = new Float64Array(rows[0].length);
    rows.forEach((row, r) => {
      const share = vectors[r * count + (count - 1 - k)];
      for (let i = 0; i < row.length; i++) direction[i] += share * row[i];
    });
    return direction;
  });
}

/** Left over of a unit vector below which it lies in the space of those before it. */
const DEPENDENT = 1e-6;

/** An orthonormal basis of the vectors' space, by Gram-Schmidt done twice. */
export function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const vector of vectors) {
    const n = vector.length;
    const size = Math.sqrt(dot(vector, 0, vector, 0, n));
    const rest = vector.map((value) => value / size);
    for (const known of [...basis, ...basis]) {
      const along = dot(known, 0, rest, 0, n);
      for (let i = 0; i < n; i++) rest[i] -= along * known[i];
    }
    const left = Math.sqrt(dot(rest, 0, rest, 0, n));
    if (left > DEPENDENT) basis.push(rest.map((value) => value / left));
  }
  return basis;
}

/** Covariance of the rows in the space of the basis, row-major [basis, basis]. */
function covarianceIn(basis: readonly Float64Array[], rows: readonly Float64Array[]): Float64Array {
  const k = basis.length;
  const total = rows.length - 1;
  const covariance = new Float64Array(k * k);
  for (let a = 0; a < k; a++) covariance[a * (k + 1)] = RIDGE;
  for (const row of rows) {
    const inBasis = basis.map((vector) => dot(vector, 0, row, 0, row.length));
    for (let a = 0; a < k; a++)
      for (let b = 0; b < k; b++) covariance[a * k + b] += (inBasis[a] * inBasis[b]) / total;
  }
  return covariance;
}

/** The symmetric solution X of X G X = A: the geometric mean of A and the inverse of G. */
function geometricMean(a: Float64Array, g: Float64Array, n: number): Float64Array {
  const root = powerOf(g, n, 0.5);
  const inverseRoot = powerOf(g, n, -0.5);
  const middle = powerOf(product(product(root, a, n), root, n), n, 0.5);
  return product(product(inverseRoot, middle, n), inverseRoot, n);
}

/** A power of a symmetric positive definite matrix. */
function powerOf(matrix: Float64Array, n: number, power: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n);
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const scale = Math.max(values[k], Number.MIN_VALUE) ** power;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) out[i * n + j] += scale * vectors[i * n + k] * vectors[j * n + k];
  }
  return out;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const value = a[i * n + k];
      for (let j = 0; j < n; j++) out[i * n + j] += value * b[k * n + j];
    }
  return out;
}
