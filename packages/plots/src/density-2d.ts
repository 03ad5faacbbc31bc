import { type Spread, spreadOf } from './density-1d.ts';

/** A density on the centres of a grid of cells; `values` has shape [rows (y), columns (x)]. */
export interface DensityGrid {
  readonly columns: number;
  readonly rows: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly values: Float64Array;
  /** Draws shared out to the cells, same shape. */
  readonly counts: Float64Array;
}

type Interval = readonly [number, number];

export interface GridOptions {
  readonly x: Interval;
  readonly y: Interval;
  readonly xBounds?: Interval;
  readonly yBounds?: Interval;
  /** Independent draws that the values are worth; their number by default. */
  readonly effectiveSize?: number;
  /** Cells along a side, 128 by default. */
  readonly cells?: number;
}

/**
 * Density of the pairs (xs[i], ys[i]) by a Gaussian kernel with the covariance of the draws times n^(-1/3), so that a narrow
 * tilted ridge is smoothed along itself rather than across. Bounds cut and renormalise the kernel. In arbitrary units.
 *
 * Source: Scott (1992), Multivariate Density Estimation, eq. 6.44 with the full covariance.
 */
export function kernelDensity2d(xs: Float64Array, ys: Float64Array, options: GridOptions): DensityGrid {
  const cells = options.cells ?? 128;
  const x = intersection(options.x, options.xBounds);
  const y = intersection(options.y, options.yBounds);
  const grid = { columns: cells, rows: cells, x, y };
  const counts = bin2d(xs, ys, grid);
  const kernel = gaussianKernel(xs, ys, grid, options.effectiveSize ?? xs.length);
  const values = scatter(counts, kernel, grid);
  const inBounds = [
    x[0] <= (options.xBounds?.[0] ?? -Infinity),
    x[1] >= (options.xBounds?.[1] ?? Infinity),
    y[0] <= (options.yBounds?.[0] ?? -Infinity),
    y[1] >= (options.yBounds?.[1] ?? Infinity),
  ];
  if (inBounds.some(Boolean)) renormaliseEdges(values, kernel, grid, inBounds);
  return { ...grid, values, counts };
}

function intersection([low, high]: Interval, bounds: Interval = [-Infinity, Infinity]): [number, number] {
  return [Math.max(low, bounds[0]), Math.min(high, bounds[1])];
}

type GridShape = Pick<DensityGrid, 'columns' | 'rows' | 'x' | 'y'>;

/** Each pair shared out to the four nearest cell centres by bilinear weights. */
function bin2d(xs: Float64Array, ys: Float64Array, grid: GridShape): Float64Array {
  const { columns, rows } = grid;
  const counts = new Float64Array(columns * rows);
  const xScale = columns / (grid.x[1] - grid.x[0]);
  const yScale = rows / (grid.y[1] - grid.y[0]);
  for (let i = 0; i < xs.length; i++) {
    const u = (xs[i] - grid.x[0]) * xScale;
    const v = (ys[i] - grid.y[0]) * yScale;
    if (u < 0 || u > columns || v < 0 || v > rows) continue;
    const a = Math.min(columns - 1, Math.max(0, u - 0.5));
    const b = Math.min(rows - 1, Math.max(0, v - 0.5));
    const column = Math.min(columns - 2, Math.floor(a));
    const row = Math.min(rows - 2, Math.floor(b));
    const [fx, fy] = [a - column, b - row];
    const at = row * columns + column;
    counts[at] += (1 - fx) * (1 - fy);
    counts[at + 1] += fx * (1 - fy);
    counts[at + columns] += (1 - fx) * fy;
    counts[at + columns + 1] += fx * fy;
  }
  return counts;
}

interface Kernel {
  readonly xReach: number;
  readonly yReach: number;
  /** Shape [2 yReach + 1, 2 xReach + 1]. */
  readonly weights: Float64Array;
}

function correlation(xs: Float64Array, ys: Float64Array, a: Spread, b: Spread): number {
  if (a.sd === 0 || b.sd === 0) return 0;
  let sum = 0;
  for (let i = 0; i < xs.length; i++) sum += (xs[i] - a.mean) * (ys[i] - b.mean);
  const rho = sum / ((xs.length - 1) * a.sd * b.sd);
  // A kernel narrower than a cell across the ridge would leave gaps between the cells.
  return Math.max(-0.98, Math.min(0.98, rho));
}

// Wider than the rule for the density itself: contours show the noise of the tail, and their levels come from the draws, so that
// a wider kernel costs roundness at corners but no enclosed mass.
const WIDENING = 1.25;

function gaussianKernel(xs: Float64Array, ys: Float64Array, grid: GridShape, n: number): Kernel {
  const [a, b] = [spreadOf(xs), spreadOf(ys)];
  const rho = correlation(xs, ys, a, b);
  const bandwidth = WIDENING * n ** (-1 / 6);
  const xCell = (grid.x[1] - grid.x[0]) / grid.columns;
  const yCell = (grid.y[1] - grid.y[0]) / grid.rows;
  const sigmaX = Math.max((bandwidth * robustSd(a)) / xCell, 0.6);
  const sigmaY = Math.max((bandwidth * robustSd(b)) / yCell, 0.6);
  const xReach = Math.min(grid.columns, Math.ceil(3.5 * sigmaX));
  const yReach = Math.min(grid.rows, Math.ceil(3.5 * sigmaY));
  const weights = new Float64Array((2 * xReach + 1) * (2 * yReach + 1));
  const precision = 1 / (1 - rho * rho);
  let at = 0;
  for (let j = -yReach; j <= yReach; j++) {
    for (let i = -xReach; i <= xReach; i++) {
      const [u, v] = [i / sigmaX, j / sigmaY];
      weights[at++] = Math.exp(-0.5 * precision * (u * u - 2 * rho * u * v + v * v));
    }
  }
  return { xReach, yReach, weights };
}

/** The standard deviation, or less where heavy tails inflate it. */
function robustSd(spread: Spread): number {
  const quartiles = (spread.quantiles[2] - spread.quantiles[1]) / 1.349;
  return quartiles > 0 ? Math.min(spread.sd, quartiles) : spread.sd;
}

/** Convolution by adding a copy of the kernel for each occupied cell: empty cells, most of them, cost nothing. */
function scatter(counts: Float64Array, kernel: Kernel, { columns, rows }: GridShape): Float64Array {
  const out = new Float64Array(counts.length);
  const { xReach, yReach, weights } = kernel;
  const stride = 2 * xReach + 1;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const count = counts[row * columns + column];
      if (count === 0) continue;
      const left = Math.max(0, column - xReach);
      const right = Math.min(columns - 1, column + xReach);
      for (let r = Math.max(0, row - yReach); r <= Math.min(rows - 1, row + yReach); r++) {
        const base = (r - row + yReach) * stride - column + xReach;
        for (let c = left; c <= right; c++) out[r * columns + c] += count * weights[base + c];
      }
    }
  }
  return out;
}

/** Divides by the part of the kernel that lies within the bounds; sides that are no bound count as unlimited. */
function renormaliseEdges(
  values: Float64Array,
  kernel: Kernel,
  { columns, rows }: GridShape,
  [leftBound, rightBound, lowerBound, upperBound]: readonly boolean[],
): void {
  const { xReach, yReach, weights } = kernel;
  const stride = 2 * xReach + 1;
  // Summed-area table of the kernel, with a border of zeros.
  const sums = new Float64Array((stride + 1) * (2 * yReach + 2));
  for (let j = 0; j <= 2 * yReach; j++) {
    for (let i = 0; i < stride; i++) {
      sums[(j + 1) * (stride + 1) + i + 1] =
        weights[j * stride + i] +
        sums[j * (stride + 1) + i + 1] +
        sums[(j + 1) * (stride + 1) + i] -
        sums[j * (stride + 1) + i];
    }
  }
  const total = sums[sums.length - 1];
  const at = (j: number, i: number): number => sums[j * (stride + 1) + i];
  for (let row = 0; row < rows; row++) {
    const j0 = lowerBound ? Math.max(0, yReach - row) : 0;
    const j1 = upperBound ? Math.min(2 * yReach + 1, yReach + rows - row) : 2 * yReach + 1;
    for (let column = 0; column < columns; column++) {
      const i0 = leftBound ? Math.max(0, xReach - column) : 0;
      const i1 = rightBound ? Math.min(stride, xReach + columns - column) : stride;
      const inside = at(j1, i1) - at(j0, i1) - at(j1, i0) + at(j0, i0);
      values[row * columns + column] *= total / inside;
    }
  }
}

/**
 * The densities above which the given shares of the draws lie (highest-density regions): of the cells ordered by density, the
 * draws in the densest ones are counted until the share is reached, so a contour encloses its share whatever the smoothing.
 */
export function enclosedMassLevels(grid: DensityGrid, shares: readonly number[]): number[] {
  const order = Array.from(grid.values.keys()).sort((a, b) => grid.values[b] - grid.values[a]);
  let total = 0;
  for (const count of grid.counts) total += count;
  const levels = new Array<number>(shares.length).fill(0);
  let sum = 0;
  for (let k = 0; k < order.length; k++) {
    const before = sum;
    sum += grid.counts[order[k]];
    for (let s = 0; s < shares.length; s++) {
      const target = shares[s] * total;
      if (before < target && sum >= target) levels[s] = grid.values[order[k]];
    }
  }
  return levels;
}
