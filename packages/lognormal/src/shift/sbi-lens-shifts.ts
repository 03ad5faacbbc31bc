import { InvalidArgumentError } from '@lensfield/kernels';
import { SBI_LENS_SHIFT_GRID } from './generated/sbi-lens-shift-grid.ts';
import { GRID_BINS, GRID_RANGE, GRID_SIZE } from './sbi-lens-grid.ts';

const NUM_PARAMETERS = 6;

/** A coordinate on one axis: cell, position in it, and derivative of that position; 0 where it is clamped to the edge. */
interface AxisPosition {
  readonly cell: number;
  readonly fraction: number;
  readonly slope: number;
}

/** A coordinate of the grid: its value, and the parameters in which it has slope 1. */
interface GridCoordinate {
  readonly of: (theta: ArrayLike<number>) => number;
  readonly range: readonly [number, number];
  readonly parameters: readonly number[];
}

const OMEGA_M: GridCoordinate = {
  of: (theta) => theta[0]! + theta[1]!,
  range: GRID_RANGE.omegaM,
  parameters: [0, 1],
};
const SIGMA_8: GridCoordinate = { of: (theta) => theta[2]!, range: GRID_RANGE.sigma8, parameters: [2] };
const W_0: GridCoordinate = { of: (theta) => theta[5]!, range: GRID_RANGE.w0, parameters: [5] };

/**
 * How the grid is read: `reference`, with its two slips (omega_m is sent to the axis along which sigma_8 varies and sigma_8 to that of
 * omega_m, and u in [0, 1] goes to 8 u - 1/2, half a cell off), or `correct`, each on its own axis and at 7 u.
 */
export type GridReading = 'reference' | 'correct';

function axisPosition(
  value: number,
  [low, high]: readonly [number, number],
  reading: GridReading,
): AxisPosition {
  const [cells, offset] = reading === 'reference' ? [GRID_SIZE, 0.5] : [GRID_SIZE - 1, 0];
  const coordinate = (cells * (value - low)) / (high - low) - offset;
  const held = Math.min(Math.max(coordinate, 0), GRID_SIZE - 1);
  const cell = Math.min(Math.floor(held), GRID_SIZE - 2);
  return { cell, fraction: held - cell, slope: held === coordinate ? cells / (high - low) : 0 };
}

/**
 * Shifts of the five LSST-Y10 bins from the table of the reference simulator sbi_lens: for parity with its maps and posterior only.
 *
 * The grid is the analytic recipe in the form of the public table (2e-4 of it, test/shift-sbi-lens.test.ts). Read as the reference reads
 * it, shifts come out 18 to 34 % too high at the fiducial point. Linear between nodes, so derivatives have steps.
 *
 * @param theta    omega_c, omega_b, sigma_8, h_0, n_s, w_0.
 * @param reading  Default `reference`.
 * @returns        `values` [5] and `jacobian` [6, 5].
 * @throws {InvalidArgumentError} if `theta` has not six finite entries.
 */
export function sbiLensShifts(
  theta: ArrayLike<number>,
  reading: GridReading = 'reference',
): {
  readonly values: Float64Array;
  readonly jacobian: Float64Array;
} {
  if (theta.length !== NUM_PARAMETERS || !Array.from(theta).every(Number.isFinite)) {
    throw new InvalidArgumentError(
      'theta',
      `lognormal.sbiLensShifts: theta must have 6 finite entries; got [${Array.from(theta).join(', ')}]. Order: omega_c, omega_b, sigma_8, h_0, n_s, w_0.`,
    );
  }
  /* The parameter of each axis of the grid: along the first sigma_8 varies. */
  const [first, second] = reading === 'reference' ? [OMEGA_M, SIGMA_8] : [SIGMA_8, OMEGA_M];
  const axes = [first, second, W_0] as const;
  const positions = axes.map(({ of, range }) => axisPosition(of(theta), range, reading));
  const values = new Float64Array(GRID_BINS);
  const jacobian = new Float64Array(NUM_PARAMETERS * GRID_BINS);
  /** Adds `weight` times the corner's shifts to the `GRID_BINS` entries from `at`. */
  const add = (out: Float64Array, at: number, node: number, weight: number) => {
    for (let bin = 0; bin < GRID_BINS; bin++)
      out[at + bin]! += weight * SBI_LENS_SHIFT_GRID[node * GRID_BINS + bin]!;
  };
  for (let corner = 0; corner < 8; corner++) {
    const upper = [corner >> 2, (corner >> 1) & 1, corner & 1];
    const weights = positions.map(({ fraction }, a) => (upper[a] === 1 ? fraction : 1 - fraction));
    const slopes = positions.map(({ slope }, a) => (upper[a] === 1 ? slope : -slope));
    const node = positions.reduce((index, { cell }, a) => index * GRID_SIZE + cell + upper[a]!, 0);
    add(values, 0, node, weights[0]! * weights[1]! * weights[2]!);
    axes.forEach(({ parameters }, a) => {
      const slope = weights.reduce((product, weight, b) => product * (b === a ? slopes[a]! : weight), 1);
      for (const parameter of parameters) add(jacobian, parameter * GRID_BINS, node, slope);
    });
  }
  return { values, jacobian };
}
