import { InvalidArgumentError } from './errors.ts';

/** An interpolant and its derivative; outside the nodes the first or last piece is continued. */
export interface Interpolant {
  (x: number): number;
  derivative(x: number): number;
}

export interface CubicSplineOptions {
  /** `natural`: second derivative zero at both ends. `not-a-knot` (default): third derivative continuous next to the ends. */
  readonly ends?: 'natural' | 'not-a-knot';
}

function checkNodes(name: string, x: ArrayLike<number>, y: ArrayLike<number>, fewest: number): void {
  if (x.length !== y.length || x.length < fewest) {
    throw new InvalidArgumentError(
      'x',
      `kernels.${name}: x and y must have equal length, at least ${fewest}; got ${x.length} and ${y.length}. Pass one y for each x.`,
    );
  }
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i]) || (i > 0 && !(x[i] > x[i - 1]))) {
      throw new InvalidArgumentError(
        'x',
        `kernels.${name}: x must be finite and increasing, y finite; got x = ${x[i]}, y = ${y[i]} at node ${i}. Sort the nodes and drop repeated or missing ones.`,
      );
    }
  }
}

/** Index i of the piece [x_i, x_i+1] that serves `at`, by bisection. */
function pieceOf(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= at) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Piecewise linear interpolation.
 *
 * @param x  Increasing nodes, shape [n], n >= 2.
 * @param y  Values, shape [n].
 * @throws {InvalidArgumentError} if the lengths differ, or nodes are not finite and increasing.
 */
export function linearInterpolant(x: ArrayLike<number>, y: ArrayLike<number>): Interpolant {
  checkNodes('linearInterpolant', x, y, 2);
  const nodes = Float64Array.from(x);
  const values = Float64Array.from(y);
  const slope = (i: number) => (values[i + 1] - values[i]) / (nodes[i + 1] - nodes[i]);
  const evaluate = (at: number) => {
    const i = pieceOf(nodes, at);
    return values[i] + slope(i) * (at - nodes[i]);
  };
  return Object.assign(evaluate, { derivative: (at: number) => slope(pieceOf(nodes, at)) });
}

/**
 * Second derivatives at the nodes of the cubic spline through (x, y), shape [n].
 *
 * The not-a-knot condition removes the first and last unknown from the tridiagonal system of the natural spline; with three nodes
 * it is the parabola through them.
 */
function splineCurvatures(x: Float64Array, y: Float64Array, ends: 'natural' | 'not-a-knot'): Float64Array {
  const n = x.length;
  const curvature = new Float64Array(n);
  if (n < 3) return curvature;
  const h = (i: number) => x[i + 1] - x[i];
  const slope = (i: number) => (y[i + 1] - y[i]) / h(i);
  if (n === 3 && ends === 'not-a-knot') return curvature.fill((2 * (slope(1) - slope(0))) / (x[2] - x[0]));
  const diagonal = new Float64Array(n);
  const upper = new Float64Array(n);
  const right = new Float64Array(n);
  for (let i = 1; i < n - 1; i++) {
    let lower = h(i - 1);
    diagonal[i] = 2 * (h(i - 1) + h(i));
    upper[i] = h(i);
    right[i] = 6 * (slope(i) - slope(i - 1));
    if (ends === 'not-a-knot' && i === 1) {
      diagonal[i] += h(0) * (1 + h(0) / h(1));
      upper[i] -= (h(0) * h(0)) / h(1);
    }
    if (ends === 'not-a-knot' && i === n - 2) {
      diagonal[i] += h(n - 2) * (1 + h(n - 2) / h(n - 3));
      lower -= (h(n - 2) * h(n - 2)) / h(n - 3);
    }
    if (i > 1) {
      const factor = lower / diagonal[i - 1];
      diagonal[i] -= factor * upper[i - 1];
      right[i] -= factor * right[i - 1];
    }
  }
  for (let i = n - 2; i > 0; i--) {
    curvature[i] = (right[i] - (i < n - 2 ? upper[i] * curvature[i + 1] : 0)) / diagonal[i];
  }
  if (ends === 'not-a-knot') {
    curvature[0] = curvature[1] + (h(0) / h(1)) * (curvature[1] - curvature[2]);
    curvature[n - 1] = curvature[n - 2] + (h(n - 2) / h(n - 3)) * (curvature[n - 2] - curvature[n - 3]);
  }
  return curvature;
}

/**
 * Cubic spline through (x, y): twice continuously differentiable.
 *
 * @param x  Increasing nodes, shape [n], n >= 2 (two nodes: the line through them).
 * @param y  Values, shape [n].
 * @throws {InvalidArgumentError} if the lengths differ, or nodes are not finite and increasing.
 *
 * Accuracy: fourth order in the spacing with not-a-knot ends, which reproduce cubics exactly (test/interpolation.test.ts).
 */
export function cubicSpline(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { ends = 'not-a-knot' }: CubicSplineOptions = {},
): Interpolant {
  checkNodes('cubicSpline', x, y, 2);
  const nodes = Float64Array.from(x);
  const values = Float64Array.from(y);
  const curvature = splineCurvatures(nodes, values, ends);
  const evaluate = (at: number) => {
    const i = pieceOf(nodes, at);
    const h = nodes[i + 1] - nodes[i];
    const b = (at - nodes[i]) / h;
    const a = 1 - b;
    const bend = (a * a * a - a) * curvature[i] + (b * b * b - b) * curvature[i + 1];
    return a * values[i] + b * values[i + 1] + (bend * h * h) / 6;
  };
  const derivative = (at: number) => {
    const i = pieceOf(nodes, at);
    const h = nodes[i + 1] - nodes[i];
    const b = (at - nodes[i]) / h;
    const a = 1 - b;
    const bend = (1 - 3 * a * a) * curvature[i] + (3 * b * b - 1) * curvature[i + 1];
    return (values[i + 1] - values[i]) / h + (bend * h) / 6;
  };
  return Object.assign(evaluate, { derivative });
}
