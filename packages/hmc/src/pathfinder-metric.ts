import { symmetricEigen } from '@lensfield/kernels';
import { orthonormal } from './adaptation/low-rank-estimate.ts';
import { dot } from './low-rank.ts';
import { diagonalMetric, lowRankMetric, type Metric } from './metric.ts';
import { type CurvaturePair, type PathPoint, pairBetween } from './pathfinder-climb.ts';

/** Variances relative to the diagonal that rounding may have made negative or tiny. */
const LEAST_VARIANCE = 1e-8;

/**
 * The inverse Hessian of -log density at the end of a path, as a metric: a diagonal from all pairs of the path, and directions in the
 * space of the last `history` pairs.
 *
 * Source: Zhang et al. (2022), algorithm 2 (diagonal of Gilbert and Lemarechal 1989, eq. 4.7); the inverse of Byrd, Nocedal and Schnabel
 * (1994), which is here built pair by pair in the space that they span, in coordinates in which the diagonal is one.
 */
export function inverseHessian(path: readonly PathPoint[], history: number): Metric {
  const pairs = path
    .slice(1)
    .map((point, i) => pairBetween(path[i], point))
    .filter((pair) => pair !== undefined);
  const n = path[0].position.length;
  const diagonal = pairs.reduce(nextDiagonal, new Float64Array(n).fill(1));
  const block = diagonalMetric(diagonal);
  const roots = diagonal.map(Math.sqrt);
  const white = pairs.slice(-history).map(({ step, change }) => ({
    step: step.map((x, i) => x / roots[i]),
    change: change.map((x, i) => x * roots[i]),
  }));
  const basis = orthonormal(white.flatMap(({ step, change }) => [step, change]));
  if (basis.length === 0) return block;
  const { values, vectors } = symmetricEigen(inverseIn(basis, white), basis.length);
  const kept = Array.from(values.keys()).filter((k) => values[k] > LEAST_VARIANCE);
  const directions = new Float64Array(kept.length * n);
  kept.forEach((k, row) => {
    basis.forEach((vector, b) => {
      const share = vectors[b * basis.length + k];
      for (let i = 0; i < n; i++) directions[row * n + i] += share * vector[i];
    });
  });
  return lowRankMetric(
    block,
    directions,
    Float64Array.from(kept, (k) => values[k]),
  );
}

/** The diagonal of inverse curvatures after one more pair. */
function nextDiagonal(alpha: Float64Array, { step, change }: CurvaturePair): Float64Array {
  const [a, b, c] = alpha.reduce(
    ([sumA, sumB, sumC], value, i) => [
      sumA + change[i] * value * change[i],
      sumB + change[i] * step[i],
      sumC + (step[i] * step[i]) / value,
    ],
    [0, 0, 0],
  );
  const next = alpha.map(
    (value, i) =>
      1 / (a / (b * value) + (change[i] * change[i]) / b - (a * step[i] * step[i]) / (b * c * value * value)),
  );
  return next.every((value) => value > 0 && Number.isFinite(value)) ? next : alpha;
}

/** BFGS updates of the unit matrix within the basis, which the pairs do not leave; row-major [basis, basis]. */
function inverseIn(basis: readonly Float64Array[], pairs: readonly CurvaturePair[]): Float64Array {
  const k = basis.length;
  let inverse = new Float64Array(k * k);
  for (let a = 0; a < k; a++) inverse[a * (k + 1)] = 1;
  for (const { step, change } of pairs) {
    const n = step.length;
    const s = basis.map((vector) => dot(vector, 0, step, 0, n));
    const y = basis.map((vector) => dot(vector, 0, change, 0, n));
    const rho = 1 / s.reduce((sum, value, a) => sum + value * y[a], 0);
    const hy = y.map((_, a) => y.reduce((sum, value, b) => sum + inverse[a * k + b] * value, 0));
    const yhy = y.reduce((sum, value, a) => sum + value * hy[a], 0);
    inverse = inverse.map((value, at) => {
      const [a, b] = [Math.floor(at / k), at % k];
      return value - rho * (s[a] * hy[b] + hy[a] * s[b]) + (rho * rho * yhy + rho) * s[a] * s[b];
    });
  }
  return inverse;
}
