import type { NdArray } from '@lensfield/contracts';
import type { ChainState } from './chain.ts';
import { columnOf, rowData } from './growing-rows.ts';
import type { Metric } from './metric.ts';
import { STATISTICS, type StatisticName } from './recording.ts';
import type { RunningMoments } from './running-moments.ts';

/** Why a chain ended: all draws made, out of time, or told to stop. */
export type StopReason = 'complete' | 'time' | 'aborted';

/** Trajectories that diverged. */
export interface Divergences {
  readonly numWarmup: number;
  readonly numSampling: number;
  /** Draw of each, counted from 0 with warm-up included. */
  readonly draws: Int32Array;
  /** Recorded coordinates of the points from which they set out, shape [divergences, recorded]. */
  readonly starts: NdArray<Float64Array>;
}

/** What one chain gave. */
export interface ChainResult {
  readonly stopReason: StopReason;
  /** False if the chain ended before its warm-up did; then there are no samples. */
  readonly isWarmupComplete: boolean;
  /** Recorded coordinates of the draws after warm-up, shape [draws, recorded]. */
  readonly samples: NdArray<Float64Array>;
  /** One value per draw after warm-up. */
  readonly statistics: Readonly<Record<StatisticName, Float64Array>>;
  /** Over the draws after warm-up, every coordinate; see {@link varianceOf}. */
  readonly moments: RunningMoments;
  readonly snapshots: readonly Float32Array[];
  readonly divergences: Divergences;
  /** Gradients computed. */
  readonly gradients: { readonly warmup: number; readonly sampling: number };
  readonly stepSize: number;
  readonly metric: Metric;
}

/** The result of a chain as it stands after some draw. */
export function chainResultOf(chain: ChainState, numWarmup: number, stopReason: StopReason): ChainResult {
  const { record, adaptation, gradients } = chain;
  const draws = Int32Array.from(record.divergentDraws);
  const inWarmup = draws.filter((draw) => draw < numWarmup).length;
  const shapeOf = (count: number) => [count, record.recorded.length] as const;
  return {
    stopReason,
    isWarmupComplete: chain.draw >= numWarmup,
    samples: { shape: shapeOf(record.samples.count), data: rowData(record.samples) },
    statistics: Object.fromEntries(
      STATISTICS.map((name, column) => [name, columnOf(record.statistics, column)]),
    ) as Record<StatisticName, Float64Array>,
    moments: record.moments,
    snapshots: record.snapshots,
    divergences: {
      numWarmup: inWarmup,
      numSampling: draws.length - inWarmup,
      draws,
      starts: { shape: shapeOf(draws.length), data: rowData(record.divergentStarts) },
    },
    gradients: { ...gradients },
    stepSize: adaptation.stepSize,
    metric: adaptation.metric,
  };
}
