import { InvalidArgumentError } from './errors.ts';

export interface QuadratureRule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Gauss-Legendre rule on [low, high] (default [-1, 1]) with ascending nodes; exact for polynomials up to degree 2 n - 1.
 *
 * @throws {InvalidArgumentError} if `n` is not a positive integer.
 *
 * Accuracy: 1e-15 (test/quadrature.test.ts). Newton's iteration on the Legendre polynomial from Tricomi's estimate of its roots.
 */
export function gaussLegendre(n: number, low = -1, high = 1): QuadratureRule {
  if (!Number.isInteger(n) || n < 1) {
    throw new InvalidArgumentError(
      'n',
      `kernels.gaussLegendre: n must be a positive integer; got ${n}. Ask for 1 or more nodes.`,
    );
  }
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  const centre = (low + high) / 2;
  const half = (high - low) / 2;
  for (let i = 0; i < n; i++) {
    let x = i * 2 === n - 1 ? 0 : -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let iteration = 0; iteration < 8; iteration++) {
      const [value, derivative] = legendre(n, x);
      slope = derivative;
      const step = value / derivative;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    slope = legendre(n, x)[1];
    nodes[i] = centre + half * x;
    weights[i] = (2 * half) / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/** Legendre polynomial of degree n at x, and its derivative. */
function legendre(n: number, x: number): [value: number, derivative: number] {
  let below = 1;
  let here = x;
  for (let k = 2; k <= n; k++) {
    const above = ((2 * k - 1) * x * here - (k - 1) * below) / k;
    below = here;
    here = above;
  }
  return [here, (n * (x * here - below)) / (x * x - 1)];
}

/**
 * Weights of the composite Simpson rule on `n` equispaced points, `step` apart.
 *
 * @throws {InvalidArgumentError} if `n` is not odd or below 3.
 */
export function simpsonWeights(n: number, step: number): Float64Array {
  if (!Number.isInteger(n) || n < 3 || n % 2 === 0) {
    throw new InvalidArgumentError(
      'n',
      `kernels.simpsonWeights: n must be odd and at least 3; got ${n}. Use ${Math.max(3, 2 * Math.floor(n / 2) + 1) || 3}.`,
    );
  }
  return Float64Array.from({ length: n }, (_, i) => {
    if (i === 0 || i === n - 1) return step / 3;
    return ((i % 2 === 1 ? 4 : 2) * step) / 3;
  });
}
