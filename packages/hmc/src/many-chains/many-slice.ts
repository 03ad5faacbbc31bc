import type { Key } from '@lensfield/contracts';
import { foldIn, uniformFloat64 } from '@lensfield/kernels';
import { checkCount, checkPositive } from '../_arguments.ts';
import {
  checkPositions,
  type ManyChainsOptions,
  type ManyChainsProgress,
  type ManyChainsResult,
} from './density.ts';
import { type Draws, drawInLockstep, emptyDraws, keepDraw } from './draws.ts';
import { type AwaitedPoint, checkStart, type StoppingChain } from './lockstep.ts';
import { type SliceWidths, sliceWidths } from './slice-widths.ts';

export interface ManySliceOptions extends ManyChainsOptions {
  /** Width of the first interval in every coordinate; warm-up learns those of each. Default 1. */
  readonly initialWidth?: number;
  /** An interval is at most this many widths long. Default 20. */
  readonly maxIntervals?: number;
}

export interface ManySliceResult extends ManyChainsResult {
  /** Width of the first interval of each coordinate, as learned; shape [dimension]. */
  readonly widths: Float64Array;
}

/**
 * The slice sampler, coordinate by coordinate, in many chains: every call of the density tries one point of every chain. It needs no
 * gradient, and no tuning but of widths, for which a wrong value costs calls only; correlated coordinates slow it down.
 *
 * @returns A generator that stops after each call, for progress and cancelling; {@link runManyChains} runs it to the end.
 * @throws {InvalidArgumentError} if an option is out of range.
 * @throws {NumericalError} if the log density is not finite where a chain starts.
 *
 * Proof: moments of known targets and ranks of prior draws in a Gaussian model (test/many-slice.test.ts).
 * Source: Neal (2003), "Slice sampling", figures 3 (stepping out) and 5 (shrinkage).
 */
export function* manySlice(
  options: ManySliceOptions,
): Generator<ManyChainsProgress, ManySliceResult, undefined> {
  const { numSamples, initialPositions, numWarmup = 100, maxIntervals = 20 } = options;
  const [numChains, dimension] = checkPositions('manySlice', initialPositions);
  checkCount('manySlice', 'numSamples', numSamples, 1);
  checkCount('manySlice', 'numWarmup', numWarmup, 0);
  checkCount('manySlice', 'maxIntervals', maxIntervals, 1);
  const { initialWidth = 1 } = options;
  checkPositive('manySlice', 'initialWidth', initialWidth);
  const widths = sliceWidths(dimension, numChains, numWarmup, initialWidth);
  const draws = emptyDraws(numChains, numSamples, dimension);
  const calls = yield* drawInLockstep({
    ...options,
    draws,
    withGradients: false,
    isSampling: () => widths.isFinished,
    chainOf: (chain, key, start) => sliceChain({ chain, key, start, widths, maxIntervals, draws }),
  });
  return { samples: draws.samples, logDensities: draws.logDensities, calls, widths: widths.values.slice() };
}

interface SliceChain {
  readonly chain: number;
  readonly key: Key;
  readonly start: Float64Array;
  readonly widths: SliceWidths;
  readonly maxIntervals: number;
  readonly draws: Draws;
}

/** Sweeps over all coordinates. A sweep that began in warm-up is of warm-up, since its widths were. */
function* sliceChain(options: SliceChain): StoppingChain {
  const { chain, key, start, widths, maxIntervals, draws } = options;
  const point: AwaitedPoint = { position: start, logDensity: Number.NaN };
  yield point;
  checkStart('manySlice', chain, point);
  const dimension = start.length;
  const before = new Float64Array(dimension);
  for (let sweep = 0; ; sweep++) {
    const { isFinished } = widths;
    const sweepWidths = widths.values.slice();
    before.set(point.position);
    for (let j = 0; j < dimension; j++) {
      const coordinateKey = foldIn(foldIn(key, sweep), j);
      yield* moveCoordinate(coordinateKey, point, j, sweepWidths[j], maxIntervals);
    }
    if (!isFinished) {
      widths.learn(before, point.position);
      continue;
    }
    if (keepDraw(draws, chain, point)) return;
  }
}

/** Shrinkages after which an interval is as narrow as rounding; then the coordinate stays. */
const MOST_SHRINKAGES = 100;

/** A new value of one coordinate, uniform on the part of an interval around it where the density is above a random level. */
function* moveCoordinate(
  key: Key,
  point: AwaitedPoint,
  coordinate: number,
  width: number,
  maxIntervals: number,
): StoppingChain {
  const { position } = point;
  const [origin, originLogDensity] = [position[coordinate], point.logDensity];
  const [height, offset, share] = uniformFloat64(foldIn(key, 0), 3);
  const level = originLogDensity + Math.log(height);
  let left = origin - width * offset;
  let right = left + width;
  const mostLeft = Math.floor(maxIntervals * share);
  for (let k = 0; k < mostLeft; k++, left -= width) {
    position[coordinate] = left;
    yield point;
    // Whatever is not above the level ends the interval: also what is not a number.
    if (!(point.logDensity > level)) break;
  }
  for (let k = mostLeft; k < maxIntervals - 1; k++, right += width) {
    position[coordinate] = right;
    yield point;
    if (!(point.logDensity > level)) break;
  }
  for (let shrinkage = 1; shrinkage <= MOST_SHRINKAGES; shrinkage++) {
    const value = left + (right - left) * uniformFloat64(foldIn(key, shrinkage), 1)[0];
    position[coordinate] = value;
    yield point;
    if (point.logDensity > level) return;
    if (value < origin) left = value;
    else right = value;
  }
  position[coordinate] = origin;
  point.logDensity = originLogDensity;
}
