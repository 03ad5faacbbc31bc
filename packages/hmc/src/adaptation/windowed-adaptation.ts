import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import type { Integrator } from '../integrators.ts';
import type { Metric } from '../metric.ts';
import type { SamplerState } from '../state.ts';
import { type AdaptationOptions, resolveOptions } from './adaptation-options.ts';
import { type DualAveraging, type DualAveragingState, dualAveraging } from './dual-averaging.ts';
import { findInitialStepSize } from './initial-step-size.ts';
import { emptyHistory } from './low-rank-estimate.ts';
import { addToEstimate, emptyEstimate, type MetricEstimate, metricOf } from './metric-estimate.ts';
import { joinMeans, joinMetrics, metricWithSpeed } from './reference-metric.ts';
import type { TrajectoryLengthState } from './trajectory-length.ts';
import { warmupSchedule } from './windows.ts';

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
  const settings = resolveOptions(dimension, options);
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
