import { InvalidArgumentError } from '@lensfield/kernels';
import { appendRow, emptyRows, type GrowingRows } from './growing-rows.ts';
import { addToMoments, emptyMoments, type RunningMoments } from './running-moments.ts';
import type { ChainTransitionInfo } from './sampler.ts';
import type { SamplerState } from './state.ts';

/** What is kept of every draw after warm-up, in the order of the columns of a record. */
export const STATISTICS = [
  'logDensity',
  'acceptanceRate',
  'stepSize',
  'treeDepth',
  'numIntegrationSteps',
  'reachedMaxTreeDepth',
  'isDivergent',
  'energy',
  'energyError',
] as const;

export type StatisticName = (typeof STATISTICS)[number];

/** What a chain has kept so far. Plain data, updated in place. */
export interface ChainRecord {
  /** Coordinates that are kept in full. */
  readonly recorded: Int32Array;
  /** One row per draw after warm-up: the recorded coordinates. */
  readonly samples: GrowingRows;
  /** One row per draw after warm-up: {@link STATISTICS}. */
  readonly statistics: GrowingRows;
  /** Moments over the draws after warm-up of every coordinate. */
  readonly moments: RunningMoments;
  /** Positions in float32 of draws number d, 2 d, 3 d, ..., d being the {@link snapshotDistance}. */
  snapshots: Float32Array[];
  /** Draws (counted from 0, warm-up included) whose trajectory diverged. */
  readonly divergentDraws: number[];
  /** One row per divergence: the recorded coordinates of the point from which that trajectory set out. */
  readonly divergentStarts: GrowingRows;
  /** Sum over the draws of the current phase of the acceptance rate, and their number. */
  readonly acceptance: { sum: number; count: number };
}

/** Largest dimension for which all coordinates are recorded when the caller does not choose. */
const RECORD_ALL_UP_TO = 1000;

/** @throws {InvalidArgumentError} if an index is outside the position, or none is given for a long position. */
export function emptyRecord(dimension: number, recorded?: ArrayLike<number>): ChainRecord {
  const sites = sitesOf(dimension, recorded);
  return {
    recorded: sites,
    samples: emptyRows(sites.length),
    statistics: emptyRows(STATISTICS.length),
    moments: emptyMoments(dimension),
    snapshots: [],
    divergentDraws: [],
    divergentStarts: emptyRows(sites.length),
    acceptance: { sum: 0, count: 0 },
  };
}

function sitesOf(dimension: number, recorded?: ArrayLike<number>): Int32Array {
  if (recorded === undefined && dimension > RECORD_ALL_UP_TO) {
    throw new InvalidArgumentError(
      'recorded',
      `hmc.runChain: recorded must name the coordinates to keep in full when there are more than ${RECORD_ALL_UP_TO}; ` +
        `got none for dimension ${dimension}. Give indices, such as those of the parameters; moments of the rest are kept anyway.`,
    );
  }
  const indices = Array.from(recorded ?? { length: dimension }, (value, i) => value ?? i);
  const bad = indices.find((index) => !Number.isInteger(index) || index < 0 || index >= dimension);
  if (bad !== undefined) {
    throw new InvalidArgumentError(
      'recorded',
      `hmc.runChain: recorded must hold indices from 0 to ${dimension - 1}; got ${bad}.`,
    );
  }
  return Int32Array.from(indices);
}

/** Keeps a divergence of draw number `draw` that set out from `start`. */
export function recordDivergence(record: ChainRecord, draw: number, start: SamplerState): void {
  record.divergentDraws.push(draw);
  pick(start.position, record.recorded, appendRow(record.divergentStarts));
}

/** Keeps a draw after warm-up. */
export function recordDraw(
  record: ChainRecord,
  state: SamplerState,
  info: ChainTransitionInfo,
  stepSize: number,
  options: SnapshotOptions,
): void {
  pick(state.position, record.recorded, appendRow(record.samples));
  addToMoments(record.moments, state.position);
  const values: Record<StatisticName, number> = {
    logDensity: state.logDensity,
    acceptanceRate: info.acceptanceRate,
    // Of NUTS the mean, from which that of a draw differs by its jitter.
    stepSize,
    treeDepth: info.treeDepth ?? 0,
    numIntegrationSteps: info.numIntegrationSteps,
    reachedMaxTreeDepth: info.reachedMaxTreeDepth ? 1 : 0,
    isDivergent: info.isDivergent ? 1 : 0,
    energy: info.energy,
    energyError: info.energyError,
  };
  appendRow(record.statistics).set(STATISTICS.map((name) => values[name]));
  const { count } = record.samples;
  const distance = snapshotDistance(count, options);
  if (distance > snapshotDistance(count - 1, options)) {
    record.snapshots = record.snapshots.filter((_, i) => i % 2 === 1);
  }
  if (count % distance === 0) record.snapshots.push(new Float32Array(state.position));
}

/** The options of snapshots; see `ChainOptions`. */
export interface SnapshotOptions {
  readonly snapshotEvery?: number;
  readonly maxSnapshots?: number;
}

/**
 * Draws between snapshots after `numDraws` draws: `snapshotEvery`, doubled until there are at most `maxSnapshots`, of which then at least
 * half are there. It depends on the number of draws only, so that interruptions change nothing. Infinite if none are kept.
 */
export function snapshotDistance(
  numDraws: number,
  { snapshotEvery, maxSnapshots = Number.POSITIVE_INFINITY }: SnapshotOptions,
): number {
  let distance = snapshotEvery ?? (Number.isFinite(maxSnapshots) ? 1 : Number.POSITIVE_INFINITY);
  while (Math.floor(numDraws / distance) > maxSnapshots) distance *= 2;
  return distance;
}

function pick(position: Float64Array, sites: Int32Array, row: Float64Array): void {
  for (let i = 0; i < sites.length; i++) row[i] = position[sites[i]];
}
