import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn, splitKey } from '@lensfield/kernels';
import { checkCount } from './_arguments.ts';
import { crc32 } from './_crc32.ts';
import type { AdaptationOptions } from './adaptation/adaptation-options.ts';
import {
  learnTrajectoryLength,
  settleTrajectoryLength,
  withTrajectoryLength,
} from './adaptation/chain-trajectory.ts';
import { type AdaptationState, windowedAdaptation } from './adaptation/windowed-adaptation.ts';
import { velocityVerlet } from './integrators.ts';
import type { Metric } from './metric.ts';
import { type ChainRecord, emptyRecord, recordDivergence, recordDraw } from './recording.ts';
import { adaptationFor, buildKernel, type SamplerOptions, startOf } from './sampler.ts';
import type { SamplerState } from './state.ts';

/** A chain as plain data that can go to a worker and to disk. */
export interface ChainOptions {
  readonly key: Key;
  readonly numWarmup: number;
  readonly numSamples: number;
  /** Default NUTS. */
  readonly sampler?: SamplerOptions;
  readonly adaptation?: AdaptationOptions;
  /** Coordinates that are kept in full for every draw. Default: all, up to 1000. */
  readonly recorded?: ArrayLike<number>;
  /** Keep the whole position in float32 every so many draws after warm-up. Default: never, or 1 where `maxSnapshots` is given. */
  readonly snapshotEvery?: number;
  /** Keep at most so many: beyond, every second goes and the distance doubles; see {@link snapshotDistance}. Default: no limit. */
  readonly maxSnapshots?: number;
}

/** Everything about a chain after some draw: continuing from it gives what an uninterrupted run gives. Updated in place. */
export interface ChainState {
  /** What must be equal in the options of a run that continues this one. */
  readonly identity: string;
  /** Draws made, warm-up included. */
  draw: number;
  sampler: SamplerState;
  readonly adaptation: AdaptationState;
  readonly record: ChainRecord;
  /** Gradients computed so far. */
  readonly gradients: { warmup: number; sampling: number };
}

export interface Chain {
  init(position: Float64Array): ChainState;
  /** Makes one draw and takes it into `state`. False, with `state` as it was, if `shouldStop` said so in the middle of the draw. */
  advance(state: ChainState): boolean;
}

const INTERRUPTED = Symbol('interrupted');

/** Fold of the search key; the folds of draws are small. */
const DIRECTION = 0xffffffff;

/**
 * A chain with warm-up and recording over a log density.
 *
 * Draw number t depends on the options, on fold-in t of the key and on the state before it, and on nothing else: so it does not matter
 * how often the chain was written to disk and read back (test/checkpoint.test.ts).
 *
 * @param shouldStop  Asked before every gradient of a transition. A transition that is cut short leaves no trace.
 * @throws {InvalidArgumentError} if an option is out of range.
 */
export function createChain(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  options: ChainOptions,
  shouldStop: () => boolean = () => false,
): Chain {
  const { numWarmup, numSamples, sampler = { kind: 'nuts' }, snapshotEvery, maxSnapshots } = options;
  checkCount('runChain', 'numWarmup', numWarmup, 0);
  checkCount('runChain', 'numSamples', numSamples, 0);
  if (snapshotEvery !== undefined) checkCount('runChain', 'snapshotEvery', snapshotEvery, 1);
  if (maxSnapshots !== undefined) checkCount('runChain', 'maxSnapshots', maxSnapshots, 1);
  const { searchKey, drawKey } = chainKeys(options.key);
  let numGradients = 0;
  const counted: LogDensityAndGradient = (position, gradient) => {
    numGradients++;
    return logDensityAndGradient(position, gradient);
  };
  const kernel = buildKernel(
    (position, gradient) => {
      if (shouldStop()) throw INTERRUPTED;
      return counted(position, gradient);
    },
    dimension,
    sampler,
  );
  /* A step of MCLMC changes the energy less than one of HMC of the same size, from which the search starts. */
  const integrator = sampler.integrator ?? velocityVerlet;
  const settings = adaptationFor(sampler, options.adaptation);
  const warmup = windowedAdaptation(counted, dimension, integrator, numWarmup, settings);

  return {
    init(position) {
      const record = emptyRecord(dimension, options.recorded);
      numGradients = 0;
      const state = startOf(counted, position, foldIn(searchKey, DIRECTION), sampler);
      const adaptation = withTrajectoryLength(warmup.init(foldIn(searchKey, 0), state), sampler, dimension);
      const gradients = { warmup: numGradients, sampling: 0 };
      return {
        identity: identityOf(options, dimension),
        draw: 0,
        sampler: state,
        adaptation,
        record,
        gradients,
      };
    },
    advance(chain) {
      const { draw, sampler: before, adaptation, record } = chain;
      const { stepSize, metric } = adaptation;
      numGradients = 0;
      const length = adaptation.trajectory?.length;
      const moved = untilInterrupted(() => kernel(foldIn(drawKey, draw), before, stepSize, metric, length));
      if (moved === undefined) return false;
      const [state, info] = moved;
      const isWarmup = draw < numWarmup;
      if (draw === numWarmup) Object.assign(record.acceptance, { sum: 0, count: 0 });
      record.acceptance.sum += info.acceptanceRate;
      record.acceptance.count++;
      if (info.isDivergent) recordDivergence(record, draw, before);
      if (isWarmup) {
        learnTrajectoryLength(adaptation, sampler, before, info);
        warmup.update(foldIn(searchKey, draw + 1), draw, adaptation, state, info.acceptanceRate);
        settleTrajectoryLength(adaptation, metric, state, draw + 1 === numWarmup);
      } else recordDraw(record, state, info, stepSize, options);
      chain.sampler = state;
      chain.draw = draw + 1;
      chain.gradients[isWarmup ? 'warmup' : 'sampling'] += numGradients;
      return true;
    },
  };
}

/** The three streams of a chain: its start, its searches for a step size, its draws. */
export function chainKeys(key: Key): {
  readonly startKey: Key;
  readonly searchKey: Key;
  readonly drawKey: Key;
} {
  const [startKey, searchKey, drawKey] = splitKey(key, 3);
  return { startKey, searchKey, drawKey };
}

function untilInterrupted<T>(move: () => T): T | undefined {
  try {
    return move();
  } catch (error) {
    if (error === INTERRUPTED) return undefined;
    throw error;
  }
}

/** The options that shape the draws, as text. The number of samples is not among them: a finished run may be made longer. */
export function identityOf(options: ChainOptions, dimension: number): string {
  const {
    key,
    numWarmup,
    sampler = { kind: 'nuts' },
    adaptation = {},
    recorded,
    snapshotEvery,
    maxSnapshots,
  } = options;
  const { initialMetric, ...settings } = adaptation;
  return JSON.stringify({
    dimension,
    key,
    numWarmup,
    sampler,
    adaptation: { ...settings, initialMetric: initialMetric && digestOf(initialMetric) },
    recorded: recorded === undefined ? 'all' : Array.from(recorded),
    snapshotEvery,
    maxSnapshots,
  });
}

function digestOf({ dense, diagonal, lowRank, reference }: Metric): number[] {
  const arrays = [dense, diagonal, ...(lowRank === undefined ? [] : [lowRank.directions, lowRank.variances])];
  if (reference !== undefined) arrays.push(reference.centre);
  return arrays.map((values) => crc32(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
}
