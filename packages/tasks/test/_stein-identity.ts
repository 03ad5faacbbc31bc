import type { JointDensity, NdArray } from '@lensfield/contracts';
import { cholesky } from '@lensfield/kernels';

/** A mean over draws that should be zero. */
export interface Deviation {
  readonly identity: string;
  readonly value: number;
  readonly standardError: number;
}

/**
 * What Stein's identity says of draws of a density: the gradient g of its logarithm averages to zero, and w g^T to minus the unit matrix,
 * for any coordinates w; here those in which the draws have zero mean and unit covariance, so that each identity has a scatter of about one.
 * A likelihood that is wrong in place, width or correlation breaks it.
 *
 * @param positions  Draws in the coordinates of `density`, [n, dimension], taken as independent.
 */
export function steinDeviations(density: JointDensity, positions: NdArray<Float64Array>): Deviation[] {
  const [n, size] = positions.shape as [number, number];
  const rows = Array.from({ length: n }, (_, i) => positions.data.slice(i * size, (i + 1) * size));
  const mean = Float64Array.from({ length: size }, (_, j) => rows.reduce((sum, row) => sum + row[j]! / n, 0));
  const covariance = new Float64Array(size * size);
  for (const row of rows)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        covariance[i * size + j]! += ((row[i]! - mean[i]!) * (row[j]! - mean[j]!)) / n;
  const factor = cholesky(covariance, size);
  const whitened = rows.map((row) => {
    const gradient = new Float64Array(size);
    density.logDensityAndGradient(row, gradient);
    return {
      w: solveLower(
        factor,
        row.map((value, i) => value - mean[i]!),
      ),
      g: gradient.map((_, j) => gradient.reduce((sum, value, i) => sum + factor[i * size + j]! * value, 0)),
    };
  });
  const deviations: Deviation[] = [];
  for (let j = 0; j < size; j++) {
    deviations.push(
      deviation(
        `g${j}`,
        whitened.map(({ g }) => g[j]!),
      ),
    );
    for (let i = 0; i < size; i++) {
      const unit = i === j ? 1 : 0;
      deviations.push(
        deviation(
          `w${i} g${j}`,
          whitened.map(({ w, g }) => w[i]! * g[j]! + unit),
        ),
      );
    }
  }
  return deviations;
}

function deviation(identity: string, values: readonly number[]): Deviation {
  const n = values.length;
  const value = values.reduce((sum, term) => sum + term / n, 0);
  const variance = values.reduce((sum, term) => sum + (term - value) ** 2 / n, 0);
  return { identity, value, standardError: Math.sqrt(variance / n) };
}

/** The solution of L w = v for a lower triangular L. */
function solveLower(factor: Float64Array, v: Float64Array): Float64Array {
  const size = v.length;
  const w = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let rest = v[i]!;
    for (let j = 0; j < i; j++) rest -= factor[i * size + j]! * w[j]!;
    w[i] = rest / factor[i * size + i]!;
  }
  return w;
}
