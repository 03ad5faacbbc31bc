import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import { distinctModes } from './distinct-modes.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

/* As SHORTEST_FOLD in csrc/even_transform.c. */
const SHORTEST_FOLD = 8;

/** The cosines that {@link evenTransform} needs for a grid of `size` points per side: the odd rows of each fold, then the rest. */
export function cosineMatrices(size: number): Float64Array {
  const values: number[] = [];
  let middle = Math.floor(size / 2);
  while (size % 2 === 0 && middle % 2 === 0 && middle >= SHORTEST_FOLD) {
    for (let row = 0; row < middle / 2; row++)
      for (let k = 0; k < middle / 2; k++) values.push(cosineOfFraction((2 * row + 1) * k, 2 * middle));
    middle /= 2;
  }
  const period = size % 2 === 0 ? 2 * middle : size;
  for (let row = 0; row <= middle; row++)
    for (let k = 0; k <= middle; k++) values.push(cosineOfFraction(row * k, period));
  return Float64Array.from(values);
}

/** cos(2 pi numerator / period) from a small angle. */
function cosineOfFraction(numerator: number, period: number): number {
  return Math.cos((2 * Math.PI * (numerator % period)) / period);
}

export interface EvenTransformOptions {
  /** Points per side of the grid; any integer of at least 2. */
  readonly size: number;
  /** Fields side by side, a multiple of 8. */
  readonly lanes: number;
  /** From {@link cosineMatrices}. */
  readonly matrices: Float64Array;
}

/**
 * Two-dimensional Fourier transform of real fields that are even in both axes and symmetric under their exchange, in float64, on
 * the distinct points alone (see `distinctModes`): output(j, m) = sum_kl input(k, l) cos(2 pi (j k + m l) / size).
 *
 * Unnormalised: applied twice it gives size^2 times the input. It is its own transpose when gradients are taken per point of
 * the full grid. `input` and `output` have shape [lanes / 8, distinct points, 8] and must not overlap.
 *
 * Accuracy: 1e-14 of the largest value against a direct sum (test/even-transform.test.ts).
 */
export function evenTransform(
  kernels: Kernels,
  input: Float64Array,
  output: Float64Array,
  options: EvenTransformOptions,
): void {
  const { size, lanes, matrices } = options;
  if (!Number.isInteger(lanes) || lanes <= 0 || lanes % 8 !== 0)
    throw new InvalidArgumentError(
      'lanes',
      `kernels.evenTransform: lanes must be a positive multiple of 8; got ${lanes}.`,
    );
  const length = distinctLength(size) * lanes;
  requireLength('evenTransform', 'input', input, length);
  requireLength('evenTransform', 'output', output, length);
  requireMemory('evenTransform', kernels.call.lf_even_transform(input, output, matrices, size, lanes));
}

function distinctLength(size: number): number {
  if (!Number.isInteger(size) || size < 2) return distinctModes(size).count;
  const points = Math.floor(size / 2) + 1;
  return (points * (points + 1)) / 2;
}
