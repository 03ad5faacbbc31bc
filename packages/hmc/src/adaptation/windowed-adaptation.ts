import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { checkCount, checkPositive, checkStep } from '../_arguments.ts';
import type { Integrator } from '../integrators.ts';
import { blockMetric, dimensionOf, type Metric } from '../metric.ts';
import type { SamplerState } from '../state.ts';
import { type DualAveraging, type DualAveragingState, dualAveraging } from './dual-averaging.ts';
import { findInitialStepSize } from './initial-step-size.ts';
import { emptyHistory } from './low-rank-estimate.ts';
import {
  addToEstimate,
  type DiagonalEstimate,
  emptyEstimate,
  type MetricEstimate,
  metricOf,
} from './metric-estimate.ts';
import { joinMeans, joinMetrics, metricWithSpeed } from './reference-metric.ts';
import type { TrajectoryLengthState } from './trajectory-length.ts';
import { warmupSchedule } from './windows.ts';

export interface AdaptationOptions {
  /** Acceptance rate to steer the step size to, in (0, 1). Default 0.8; up to 0.99 where divergences remain. */
  readonly targetAcceptanceRate?: number;
  /**
   * Strength with which the step size is held back, see {@link DualAveragingOptions}. Default 0.05, and 0.1 once the metric is learned; several
   * times that where a draw tells the acceptance of one point, not of a trajectory.
   */
  readonly stepSizeGamma?: number;
  /** Least share of warm-up at its end for the step size alone, in [0, 0.5]. Default 0: 50 draws; 0.2 for MCLMC. */
  readonly stepSizeShare?: number;
  /** No step size above it: where longer trajectories bring nothing, as beyond half a turn in a Gaussian. Default: none. */
  readonly largestStepSize?: number;
  /** Where the search for the step size starts. Default 1. With no warm-up, the step size itself. */
  readonly initialStepSize?: number;
  /** The metric to start from, such as the inverse of a Fisher matrix; what is learned is pulled to it. Default: unit. */
  readonly initialMetric?: Metric;
  /** The first coordinates get a dense block of this size. Default: that of `initialMetric`, else 0. */
  readonly denseFor?: number;
  /** False keeps the initial metric, `dense` all of it but the dense block. Default true. */
  readonly adaptMetric?: boolean | 'dense';
  /**
   * How much faster than the others the coordinates of the dense block move: the root of what its learned covariance counts for in the
   * inverse mass. Above 1 where these are what is asked for, and the others many. Default 1.
   */
  readonly denseSpeed?: number;
  /** See {@link DiagonalEstimate}. Default `draws`. */
  readonly diagonalEstimate?: DiagonalEstimate;
  /**
   * Directions of correlated coordinates to learn besides the variances, at most; see {@link lowRankMetric}. A window keeps up to 128 draws
   * and gradients for it. Default: as many as `initialMetric` has, else 0.
   */
  readonly lowRank?: number;
  /** Weight, in draws, of the metric that a learned one is pulled to. Default 5, as in Stan. */
  readonly shrinkageDraws?: number;
}

/** What warm-up knows. Plain data, updated in place; after warm-up only `stepSize` and `metric` are used. */
export interface AdaptationState {
  stepSize: number;
  metric: Metric;
  dualAveraging: DualAveragingState;
  /** Null when the metric is not (or no longer) learned. */
  estimate: MetricEstimate | null;
  /** Only of HMC that learns the length of its trajectories. */
  readonly trajectory?: TrajectoryLengthState;
}

export interface WindowedAdaptation {
  init(key: Key, state: SamplerState): AdaptationState;
  /** Learns from draw number `draw` (from 0) of warm-up. `key` serves the search for a step size at the end of a window. */
  update(
    key: Key,
    draw: number,
    adaptation: AdaptationState,
    state: SamplerState,
    acceptanceRate: number,
  ): void;
}

/**
 * Strength of dual averaging in the last stretch. Acceptance falls faster above the wanted step than it rises below it, so swings of the step
 * leave a mean below it: with 0.05 trajectories are accepted at 0.88 to 0.92 where 0.8 is asked for.
 */
const LAST_GAMMA = 0.1;

/**
 * Warm-up of step size and metric in Stan's windows; see {@link warmupSchedule}.
 *
 * @throws {InvalidArgumentError} if an option is out of range or the initial metric does not fit.
 *
 * Source: Carpenter et al. (2017), "Stan", section 3; regularisation n / (n + 5), 1e-3 as there. Differs from it in: steadier dual averaging in
 * the last stretch.
 */
export function windowedAdaptation(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  integrator: Integrator,
  numWarmup: number,
  options: AdaptationOptions = {},
): WindowedAdaptation {
  const settings = resolve(dimension, options);
  const { covariances, centre, denseSpeed } = settings;
  const hasReference = integrator.flow === 'gaussian';
  const numAdapted = settings.adaptMetric === 'dense' ? settings.numDense : dimension;
  const lowRank = numAdapted === dimension ? settings.lowRank : 0;
  const { targetAcceptanceRate, stepSizeGamma } = settings;
  const early = dualAveraging({ targetAcceptanceRate, gamma: stepSizeGamma });
  const late = dualAveraging({ targetAcceptanceRate, gamma: options.stepSizeGamma ?? LAST_GAMMA });
  const { start, windowEnds } = warmupSchedule(numWarmup, settings.stepSizeShare);
  const lastEnd = settings.adaptMetric ? (windowEnds.at(-1) ?? 0) : 0;
  const stepsAt = (draw: number) => (lastEnd > 0 && draw >= lastEnd ? late : early);
  const fresh = (from: number) => {
    const end = windowEnds.find((windowEnd) => windowEnd > from) ?? from;
    const history = lowRank > 0 ? emptyHistory(dimension, end - from) : undefined;
    return emptyEstimate(numAdapted, settings.numDense, settings.diagonalEstimate, history);
  };
  const metricFrom = (estimate: MetricEstimate) => {
    const learned = metricOf(estimate, settings.shrinkage, lowRank);
    if (learned === undefined) return undefined;
    const mean = hasReference ? joinMeans(estimate.draws, centre) : undefined;
    return metricWithSpeed(joinMetrics(learned, covariances), denseSpeed, mean);
  };
  const limited = (stepSize: number) => Math.min(stepSize, settings.largestStepSize);
  const search = (key: Key, { metric }: AdaptationState, state: SamplerState, from: number) =>
    limited(findInitialStepSize(key, logDensityAndGradient, integrator, metric, state, limited(from)));

  return {
    init(key, state) {
      const adaptation: AdaptationState = {
        stepSize: settings.initialStepSize,
        metric: metricWithSpeed(covariances, denseSpeed, hasReference ? centre : undefined),
        dualAveraging: early.init(settings.initialStepSize),
        estimate: lastEnd > 0 ? fresh(start) : null,
      };
      if (numWarmup > 0)
        restartSteps(early, adaptation, search(key, adaptation, state, settings.initialStepSize));
      return adaptation;
    },
    update(key, draw, adaptation, state, acceptanceRate) {
      adaptation.dualAveraging = stepsAt(draw).update(adaptation.dualAveraging, acceptanceRate);
      adaptation.stepSize = limited(Math.exp(adaptation.dualAveraging.logStepSize));
      if (adaptation.estimate !== null && draw >= start) addToEstimate(adaptation.estimate, state);
      if (draw + 1 <= lastEnd && windowEnds.includes(draw + 1)) {
        adaptation.metric = metricFrom(adaptation.estimate!) ?? adaptation.metric;
        adaptation.estimate = draw + 1 === lastEnd ? null : fresh(draw + 1);
        const from = Math.exp(adaptation.dualAveraging.averageLogStepSize);
        restartSteps(stepsAt(draw + 1), adaptation, search(key, adaptation, state, from));
      }
      if (draw + 1 === numWarmup && adaptation.dualAveraging.count > 0) {
        adaptation.stepSize = limited(Math.exp(adaptation.dualAveraging.averageLogStepSize));
      }
    },
  };
}

function restartSteps(steps: DualAveraging, adaptation: AdaptationState, stepSize: number): void {
  adaptation.stepSize = stepSize;
  adaptation.dualAveraging = steps.init(stepSize);
}

/** Options with their defaults, checked. */
function resolve(dimension: number, options: AdaptationOptions) {
  const { targetAcceptanceRate = 0.8, initialStepSize = 1, adaptMetric = true, shrinkageDraws = 5 } = options;
  const { denseSpeed = 1, stepSizeGamma = 0.05, largestStepSize = Number.POSITIVE_INFINITY } = options;
  const { stepSizeShare = 0 } = options;
  const numDense = options.denseFor ?? options.initialMetric?.numDense ?? 0;
  checkStep('windowedAdaptation', initialStepSize);
  const lowRank = options.lowRank ?? options.initialMetric?.lowRank?.variances.length ?? 0;
  checkCount('windowedAdaptation', 'denseFor', numDense, 0);
  checkCount('windowedAdaptation', 'lowRank', lowRank, 0);
  if (numDense > dimension) {
    throw new InvalidArgumentError(
      'denseFor',
      `hmc.windowedAdaptation: denseFor must be at most the dimension ${dimension}; got ${numDense}.`,
    );
  }
  if (!(shrinkageDraws >= 0 && Number.isFinite(shrinkageDraws))) {
    throw new InvalidArgumentError(
      'shrinkageDraws',
      `hmc.windowedAdaptation: shrinkageDraws must be at least 0 and finite; got ${shrinkageDraws}. ` +
        'Set adaptMetric to false to keep the initial metric.',
    );
  }
  if (!(largestStepSize > 0)) {
    throw new InvalidArgumentError(
      'largestStepSize',
      `hmc.windowedAdaptation: largestStepSize must be above 0; got ${largestStepSize}.`,
    );
  }
  if (!(stepSizeShare >= 0 && stepSizeShare <= 0.5)) {
    throw new InvalidArgumentError(
      'stepSizeShare',
      `hmc.windowedAdaptation: stepSizeShare must be in [0, 0.5]; got ${stepSizeShare}. 0 is usual.`,
    );
  }
  checkPositive('windowedAdaptation', 'denseSpeed', denseSpeed, ' Use 1 for one speed of all coordinates.');
  const given = options.initialMetric;
  if (given !== undefined && (dimensionOf(given) !== dimension || given.numDense !== numDense)) {
    throw new InvalidArgumentError(
      'initialMetric',
      `hmc.windowedAdaptation: initialMetric must have dimension ${dimension} and a dense block of ${numDense}; ` +
        `got ${dimensionOf(given)} and ${given.numDense}. Build it with blockMetric.`,
    );
  }
  return {
    targetAcceptanceRate,
    stepSizeGamma,
    stepSizeShare,
    largestStepSize,
    initialStepSize,
    adaptMetric,
    numDense,
    lowRank,
    diagonalEstimate: options.diagonalEstimate ?? 'draws',
    covariances: given ?? identityMetric(dimension, numDense),
    centre: given?.reference?.centre ?? new Float64Array(dimension),
    denseSpeed,
    shrinkage: { target: given ?? null, numDraws: shrinkageDraws },
  };
}

function identityMetric(dimension: number, numDense: number): Metric {
  const identity = new Float64Array(numDense * numDense);
  for (let i = 0; i < numDense; i++) identity[i * (numDense + 1)] = 1;
  return blockMetric(identity, new Float64Array(dimension - numDense).fill(1));
}
