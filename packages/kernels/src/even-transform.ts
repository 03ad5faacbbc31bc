import { requireMemory } from './_enough-memory.ts';
import { requireLength } from './_required-length.ts';
import { distinctModes } from './distinct-modes.ts';
import { InvalidArgumentError } from './errors.ts';
import type { Kernels } from './kernels.ts';

/* As in csrc/cosine-line.h. */
const SHORTEST_FOLD = 8;
const SHORTEST_SPLIT = 32;
const IN_REGISTERS = [8, 16];

/** Lengths of the odd rows that each fold leaves, and how many intervals remain at the end. */
function foldsOf(size: number): { oddLengths: number[]; rest: number } {
  const oddLengths: number[] = [];
  let rest = Math.floor(size / 2);
  for (; size % 2 === 0 && rest % 2 === 0 && rest >= SHORTEST_FOLD; rest /= 2) oddLengths.push(rest / 2);
  return { oddLengths, rest };
}

/** The constants that {@link evenTransform} needs for a grid of `size` points per side: of the odd rows of each fold, then of the rest. */
export function cosineTables(size: number): Float64Array {
  const { oddLengths, rest } = foldsOf(size);
  const period = size % 2 === 0 ? 2 * rest : size;
  const cosines = Array.from({ length: (rest + 1) ** 2 }, (_, i) =>
    cosineOfFraction(Math.floor(i / (rest + 1)) * (i % (rest + 1)), period),
  );
  return Float64Array.from([...oddLengths.flatMap(oddTable), ...cosines]);
}

function tablesLength(size: number): number {
  const { oddLengths, rest } = foldsOf(size);
  return oddLengths.reduce((sum, length) => sum + oddTableLength(length), (rest + 1) ** 2);
}

const isSplit = (length: number) => length >= SHORTEST_SPLIT && length % 2 === 0;

function oddTableLength(length: number): number {
  if (IN_REGISTERS.includes(length)) return 0;
  return isSplit(length) ? length / 2 + oddTableLength(length / 2) : length ** 2;
}

/** Secants of every split into even and odd, then the cosines of what is left, unless it is summed in registers. */
function oddTable(length: number): number[] {
  if (IN_REGISTERS.includes(length)) return [];
  if (!isSplit(length)) return oddRows(length);
  const secants = Array.from({ length: length / 2 }, (_, m) => 0.5 / cosineOfFraction(2 * m + 1, 4 * length));
  return [...secants, ...oddTable(length / 2)];
}

function oddRows(length: number): number[] {
  const index = (i: number) => (2 * Math.floor(i / length) + 1) * (i % length);
  return Array.from({ length: length * length }, (_, i) => cosineOfFraction(index(i), 4 * length));
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
  /** From {@link cosineTables}. */
  readonly tables: Float64Array;
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
  const { size, lanes, tables } = options;
  if (!Number.isInteger(lanes) || lanes <= 0 || lanes % 8 !== 0)
    throw new InvalidArgumentError(
      'lanes',
      `kernels.evenTransform: lanes must be a positive multiple of 8; got ${lanes}.`,
    );
  const length = distinctLength(size) * lanes;
  requireLength('evenTransform', 'input', input, length);
  requireLength('evenTransform', 'output', output, length);
  requireLength('evenTransform', 'tables', tables, tablesLength(size));
  requireMemory('evenTransform', kernels.call.lf_even_transform(input, output, tables, size, lanes));
}

function distinctLength(size: number): number {
  if (!Number.isInteger(size) || size < 2) return distinctModes(size).count;
  const points = Math.floor(size / 2) + 1;
  return (points * (points + 1)) / 2;
}
