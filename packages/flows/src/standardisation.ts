import type { NdArray } from '@lensfield/contracts';
import { cholesky, InvalidArgumentError, inverse, solve } from '@lensfield/kernels';

/**
 * A fixed affine map that comes before the flow: standardised context c = (context - contextMean) / contextSd, and
 * z = (y - yMean - c regression) whitening. Plain data, stored with the weights.
 */
export interface Standardisation {
  readonly contextMean: NdArray;
  readonly contextSd: NdArray;
  readonly yMean: NdArray;
  /** Shape [contextDimension, dimension]. */
  readonly regression: NdArray;
  /** Shape [dimension, dimension], upper triangular. */
  readonly whitening: NdArray;
  /** Inverse of `whitening`. */
  readonly colouring: NdArray;
}

/**
 * How the standardisation is found: `regression` takes the least-squares fit of y on the context away and whitens the
 * residuals, so that the flow starts as the best linear-Gaussian density and learns only what departs from it;
 * `diagonal` centres and rescales each coordinate; `none` is the identity.
 */
export type StandardisationKind = 'regression' | 'diagonal' | 'none';

/** Added to the diagonal of the context's correlation matrix, so that a repeated context column is no error. */
const RIDGE = 1e-6;

/** The identity for given sizes. */
export function identityStandardisation(dimension: number, contextDimension: number): Standardisation {
  const ones = (n: number) => new Float32Array(n).fill(1);
  return {
    contextMean: vector(new Float32Array(contextDimension)),
    contextSd: vector(ones(contextDimension)),
    yMean: vector(new Float32Array(dimension)),
    regression: matrix(contextDimension, dimension, new Float32Array(contextDimension * dimension)),
    whitening: matrix(dimension, dimension, identity(dimension)),
    colouring: matrix(dimension, dimension, identity(dimension)),
  };
}

/**
 * Finds the standardisation of pairs (y, context).
 *
 * @param y        Shape [n, dimension].
 * @param context  Shape [n, contextDimension].
 * @throws {InvalidArgumentError} if a coordinate of y does not vary, or is a combination of the others.
 */
export function standardise(y: NdArray, context: NdArray, kind: StandardisationKind): Standardisation {
  const [n, dimension] = y.shape as [number, number];
  const contextDimension = context.shape[1]!;
  if (kind === 'none') return identityStandardisation(dimension, contextDimension);
  const contextMoments = momentsOf(context.data, n, contextDimension);
  const yMoments = momentsOf(y.data, n, dimension);
  yMoments.sd.forEach((sd, j) => {
    if (sd > 0) return;
    throw new InvalidArgumentError(
      'y',
      `flows.standardise: y must vary in every coordinate; coordinate ${j} is ${yMoments.mean[j]} in all ${n} rows. Fix that parameter instead.`,
    );
  });
  // A context that does not vary carries nothing; dividing by 1 keeps it at zero.
  const contextSd = contextMoments.sd.map((sd) => (sd > 0 ? sd : 1));
  const c = standardised(context.data, contextMoments.mean, contextSd);
  const centred = standardised(y.data, yMoments.mean, new Float64Array(dimension).fill(1));
  const regression =
    kind === 'regression' && contextDimension > 0
      ? regressionOf(c, centred, n, contextDimension, dimension)
      : new Float64Array(contextDimension * dimension);
  const colouring =
    kind === 'regression' ? residualFactor(c, centred, regression, n, dimension) : diagonal(yMoments.sd);
  const float32 = (values: Float64Array) => Float32Array.from(values);
  return {
    contextMean: vector(float32(contextMoments.mean)),
    contextSd: vector(float32(contextSd)),
    yMean: vector(float32(yMoments.mean)),
    regression: matrix(contextDimension, dimension, float32(regression)),
    whitening: matrix(dimension, dimension, float32(inverse(colouring, dimension))),
    colouring: matrix(dimension, dimension, float32(colouring)),
  };
}

/** log |det| of the standardisation as a map of y: the sum of the logs of the whitening diagonal. */
export function standardisationLogDet({ whitening }: Standardisation): number {
  const size = whitening.shape[0]!;
  let total = 0;
  for (let i = 0; i < size; i++) total += Math.log(Math.abs(whitening.data[i * size + i]!));
  return total;
}

function momentsOf(data: Float32Array, n: number, size: number): { mean: Float64Array; sd: Float64Array } {
  const mean = new Float64Array(size);
  const sd = new Float64Array(size);
  for (let i = 0; i < data.length; i++) mean[i % size]! += data[i]! / n;
  for (let i = 0; i < data.length; i++) sd[i % size]! += (data[i]! - mean[i % size]!) ** 2 / n;
  return { mean, sd: sd.map(Math.sqrt) };
}

function standardised(data: Float32Array, mean: Float64Array, sd: Float64Array): Float64Array {
  return Float64Array.from(data, (value, i) => (value - mean[i % mean.length]!) / sd[i % mean.length]!);
}

/** Least squares of y on c, both centred: (c^T c / n + ridge)^-1 c^T y / n. */
function regressionOf(
  c: Float64Array,
  y: Float64Array,
  n: number,
  contextDimension: number,
  dimension: number,
): Float64Array {
  const gram = crossMoments(c, c, n, contextDimension, contextDimension);
  for (let i = 0; i < contextDimension; i++) gram[i * contextDimension + i]! += RIDGE;
  return solve(gram, crossMoments(c, y, n, contextDimension, dimension), contextDimension);
}

/**
 * U upper triangular with U^T U = covariance of the residuals: rows of white noise times U have that covariance, and the
 * inverse of U whitens.
 */
function residualFactor(
  c: Float64Array,
  y: Float64Array,
  regression: Float64Array,
  n: number,
  dimension: number,
): Float64Array {
  const contextDimension = regression.length / dimension;
  const residual = y.slice();
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < contextDimension; k++) {
      const value = c[row * contextDimension + k]!;
      for (let j = 0; j < dimension; j++) {
        residual[row * dimension + j]! -= value * regression[k * dimension + j]!;
      }
    }
  }
  const covariance = crossMoments(residual, residual, n, dimension, dimension);
  // Exactly determined coordinates would have no density: keep each residual at 1e-4 of the spread of y at least.
  const variance = crossMoments(y, y, n, dimension, dimension);
  for (let j = 0; j < dimension; j++) covariance[j * dimension + j]! += 1e-8 * variance[j * dimension + j]!;
  return transpose(cholesky(covariance, dimension), dimension);
}

/** a^T b / n for a [n, rows] and b [n, columns]. */
function crossMoments(a: Float64Array, b: Float64Array, n: number, rows: number, columns: number) {
  const out = new Float64Array(rows * columns);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < rows; i++) {
      const value = a[row * rows + i]! / n;
      for (let j = 0; j < columns; j++) out[i * columns + j]! += value * b[row * columns + j]!;
    }
  }
  return out;
}

function transpose(a: Float64Array, size: number): Float64Array {
  return Float64Array.from(a, (_, i) => a[(i % size) * size + Math.floor(i / size)]!);
}

function diagonal(values: Float64Array): Float64Array {
  const out = new Float64Array(values.length ** 2);
  values.forEach((value, i) => {
    out[i * values.length + i] = value;
  });
  return out;
}

function identity(size: number): Float32Array {
  return Float32Array.from(diagonal(new Float64Array(size).fill(1)));
}

const vector = (data: Float32Array): NdArray => ({ shape: [data.length], data });
const matrix = (rows: number, columns: number, data: Float32Array): NdArray => ({
  shape: [rows, columns],
  data,
});
