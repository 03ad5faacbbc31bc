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

/** The reference's rule: u in [0, 1] goes to 8 u - 1/2, half a cell off, and is held inside the grid. */
function axisPosition(value: number, [low, high]: readonly [number, number]): AxisPosition {
  const coordinate = (GRID_SIZE * (value - low)) / (high - low) - 0.5;
  const held = Math.min(Math.max(coordinate, 0), GRID_SIZE - 1);
  const cell = Math.min(Math.floor(held), GRID_SIZE - 2);
  return { cell, fraction: held - cell, slope: held === coordinate ? GRID_SIZE / (high - low) : 0 };
}

/**
 * Shifts of the five LSST-Y10 bins as the reference simulator sbi_lens reads them: for parity with its maps and posterior only.
 *
 * The grid is the analytic recipe in the form of the public table (2e-4 of it, test/shift-sbi-lens.test.ts). The look-up repeats two
 * slips of the reference: omega_m is sent to the axis along which sigma_8 varies and sigma_8 to that of omega_m, and coordinates are
 * half a cell off. Shifts come out 18 to 34 % too high at the fiducial point. Linear between nodes, so derivatives have steps.
 *
 * @param theta  omega_c, omega_b, sigma_8, h_0, n_s, w_0.
 * @returns      `values` [5] and `jacobian` [6, 5].
 * @throws {InvalidArgumentError} if `theta` has not six finite entries.
 */
export function sbiLensShifts(theta: ArrayLike<number>): {
  readonly values: Float64Array;
  readonly jacobian: Float64Array;
} {
  if (theta.length !== NUM_PARAMETERS || !Array.from(theta).every(Number.isFinite)) {
    throw new InvalidArgumentError(
      'theta',
      `lognormal.sbiLensShifts: theta must have 6 finite entries; got [${Array.from(theta).join(', ')}]. Order: omega_c, omega_b, sigma_8, h_0, n_s, w_0.`,
    );
  }
  const positions = [
    axisPosition(theta[0]! + theta[1]!, GRID_RANGE.omegaM),
    axisPosition(theta[2]!, GRID_RANGE.sigma8),
    axisPosition(theta[5]!, GRID_RANGE.w0),
  ];
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
    const byOmegaM = slopes[0]! * weights[1]! * weights[2]!;
    add(jacobian, 0, node, byOmegaM);
    add(jacobian, GRID_BINS, node, byOmegaM);
    add(jacobian, 2 * GRID_BINS, node, weights[0]! * slopes[1]! * weights[2]!);
    add(jacobian, 5 * GRID_BINS, node, weights[0]! * weights[1]! * slopes[2]!);
  }
  return { values, jacobian };
}
