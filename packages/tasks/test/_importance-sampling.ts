import type { JointDensity, Key } from '@lensfield/contracts';
import { cholesky, choleskySolve, normalFloat64 } from '@lensfield/kernels';

/** Mean and standard deviation of each coordinate of a density with one mode near `start`, by weighted draws around the mode. */
export function importanceMoments(density: JointDensity, start: Float64Array, n: number, key: Key) {
  const size = start.length;
  const { mode, precision } = modeOf(density, start);
  const factor = cholesky(precision, size);
  const normal = normalFloat64(key, 2 * n * size);
  const draws = Array.from({ length: n }, (_, i) => {
    const z = normal.subarray(2 * i * size, (2 * i + 1) * size);
    const spread = normal.subarray((2 * i + 1) * size, (2 * i + 2) * size);
    // Student's t with as many degrees of freedom as there are coordinates: tails heavier than a posterior's.
    const scale = Math.sqrt(size / sumOfSquares(spread));
    const point = solveUpper(factor, z).map((value, j) => mode[j]! + scale * value);
    const logProposal = -size * Math.log1p((scale ** 2 * sumOfSquares(z)) / size);
    return { point, logWeight: density.logDensityAndGradient(point, new Float64Array(size)) - logProposal };
  });
  const largest = Math.max(...draws.map(({ logWeight }) => logWeight));
  const weights = draws.map(({ logWeight }) => Math.exp(logWeight - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const moments = Array.from(start, (_, j) => {
    const average = (f: (value: number) => number) =>
      draws.reduce((sum, { point }, i) => sum + (weights[i]! / total) * f(point[j]!), 0);
    const mean = average((value) => value);
    return { mean, sd: Math.sqrt(average((value) => (value - mean) ** 2)) };
  });
  return { effectiveSize: total ** 2 / sumOfSquares(Float64Array.from(weights)), moments };
}

/** The mode by Newton's method, halving steps that lead down, and minus the second derivatives there. */
function modeOf(density: JointDensity, start: Float64Array): { mode: Float64Array; precision: Float64Array } {
  const size = start.length;
  const gradient = new Float64Array(size);
  let mode = start;
  let precision = new Float64Array(size * size);
  for (let iteration = 0; iteration < 12; iteration++) {
    precision = precisionAt(density, mode);
    const here = density.logDensityAndGradient(mode, gradient);
    const step = choleskySolve(cholesky(precision, size), gradient, size);
    const moved = (scale: number) => mode.map((value, j) => value + scale * step[j]!);
    let scale = 1;
    while (scale > 1e-3 && density.logDensityAndGradient(moved(scale), gradient) < here) scale /= 2;
    mode = moved(scale);
  }
  return { mode, precision };
}

/** Minus the symmetric part of the derivatives of the gradient, by central differences. */
function precisionAt(density: JointDensity, position: Float64Array): Float64Array<ArrayBuffer> {
  const size = position.length;
  const step = 1e-3;
  const precision = new Float64Array(size * size);
  for (let j = 0; j < size; j++) {
    for (const sign of [-1, 1]) {
      const gradient = new Float64Array(size);
      density.logDensityAndGradient(
        position.map((value, i) => (i === j ? value + sign * step : value)),
        gradient,
      );
      for (let i = 0; i < size; i++) {
        const half = (sign * gradient[i]!) / (4 * step);
        precision[i * size + j]! -= half;
        precision[j * size + i]! -= half;
      }
    }
  }
  return precision;
}

/** The solution of L^T x = z for a lower triangular L. */
function solveUpper(factor: Float64Array, z: Float64Array): Float64Array {
  const size = z.length;
  const x = new Float64Array(size);
  for (let i = size - 1; i >= 0; i--) {
    let rest = z[i]!;
    for (let j = i + 1; j < size; j++) rest -= factor[j * size + i]! * x[j]!;
    x[i] = rest / factor[i * size + i]!;
  }
  return x;
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
