import { InvalidArgumentError } from '@lensfield/kernels';

/**
 * A few directions in which a metric differs from the block metric below it. In white coordinates of that one the inverse mass matrix is
 * I + U (diag(variances) - I) U', U with the directions as columns. Plain data.
 */
export interface LowRank {
  /** Orthonormal directions in white coordinates, row-major [count, dimension]. */
  readonly directions: Float64Array;
  /** Variance of the target along each, where the block metric says one; shape [count]. */
  readonly variances: Float64Array;
}

/** Rounding of directions that an orthogonalisation made. */
const ROUNDING = 1e-8;

/** @throws {InvalidArgumentError} if the directions are not orthonormal or a variance is not positive and finite. */
export function checkLowRank({ directions, variances }: LowRank, dimension: number): void {
  const bad = variances.findIndex((value) => !(value > 0 && value < Number.POSITIVE_INFINITY));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'variances',
      `hmc.lowRankMetric: variances must be positive and finite; got ${variances[bad]} at ${bad}. Leave that direction out.`,
    );
  }
  const count = variances.length;
  if (directions.length !== count * dimension) {
    throw new InvalidArgumentError(
      'directions',
      `hmc.lowRankMetric: directions must hold ${count} vectors of ${dimension}, one per variance; got ${directions.length} numbers.`,
    );
  }
  for (let k = 0; k < count; k++) {
    for (let l = 0; l <= k; l++) {
      const product = dot(directions, k * dimension, directions, l * dimension, dimension);
      if (Math.abs(product - (k === l ? 1 : 0)) <= ROUNDING) continue;
      throw new InvalidArgumentError(
        'directions',
        `hmc.lowRankMetric: directions must be orthonormal; got the inner product ${product} of ${k} and ${l}. Orthonormalise them.`,
      );
    }
  }
}

/** vector += U (diag(variances^power) - I) U' vector, in white coordinates. */
export function stretch({ directions, variances }: LowRank, power: number, vector: Float64Array): void {
  const n = vector.length;
  for (let k = 0; k < variances.length; k++) {
    const along = (variances[k] ** power - 1) * dot(directions, k * n, vector, 0, n);
    for (let i = 0; i < n; i++) vector[i] += along * directions[k * n + i];
  }
}

/** Inner product of `length` numbers of two arrays, each from an offset. */
export function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += a[atA + i] * b[atB + i];
  return sum;
}
