import { InvalidArgumentError } from './errors.ts';

/**
 * The Fourier modes (or grid points) of a periodic square grid that stay distinct when a field is even in both axes and
 * symmetric under their exchange, as every function of |k| is: 0 <= lo <= hi <= size / 2, at index hi (hi + 1) / 2 + lo.
 */
export interface DistinctModes {
  /** Points per side of the grid. */
  readonly size: number;
  /** floor(size / 2) + 1: values that |k_x| takes in units of the fundamental mode. */
  readonly points: number;
  readonly count: number;
  /** The larger and the smaller of |k_x| and |k_y|, in units of the fundamental mode; shape [count]. */
  readonly hi: Int32Array;
  readonly lo: Int32Array;
  /** How many modes of the full grid each stands for (1, 2, 4 or 8); shape [count], sum size^2. */
  readonly counts: Float64Array;
}

/** The distinct modes of a `size` x `size` grid. */
export function distinctModes(size: number): DistinctModes {
  if (!Number.isInteger(size) || size < 2)
    throw new InvalidArgumentError(
      'size',
      `kernels.distinctModes: size must be an integer of at least 2; got ${size}.`,
    );
  const points = Math.floor(size / 2) + 1;
  const count = (points * (points + 1)) / 2;
  const modes = {
    hi: new Int32Array(count),
    lo: new Int32Array(count),
    counts: new Float64Array(count),
  };
  const signs = (k: number) => (k === 0 || 2 * k === size ? 1 : 2);
  for (let hi = 0, index = 0; hi < points; hi++)
    for (let lo = 0; lo <= hi; lo++, index++) {
      modes.hi[index] = hi;
      modes.lo[index] = lo;
      modes.counts[index] = signs(hi) * signs(lo) * (hi === lo ? 1 : 2);
    }
  return { size, points, count, ...modes };
}
