import { dualAveraging } from '../adaptation/dual-averaging.ts';
import {
  addToEstimate,
  emptyEstimate,
  type MetricEstimate,
  metricOf,
  type Shrinkage,
} from '../adaptation/metric-estimate.ts';
import type { Metric } from '../metric.ts';
import type { SamplerState } from '../state.ts';

export interface PooledAdaptationOptions {
  readonly numChains: number;
  readonly dimension: number;
  readonly numWarmup: number;
  readonly stepSize: number;
  readonly metric: Metric;
  readonly adaptMetric: boolean;
  readonly targetAcceptanceRate: number;
}

/** Step size and metric that all chains share, learned from all of them. */
export interface PooledAdaptation {
  readonly stepSize: number;
  readonly metric: Metric;
  readonly isFinished: boolean;
  /** Takes in a draw of a chain. */
  learn(chain: number, state: SamplerState, acceptanceRate: number): void;
}

/**
 * The rounds after which the metric is renewed, as shares of warm-up: many chains tell in ten draws each what one tells in hundreds. The
 * first share is for the step size alone, and the way from where the chains start.
 */
const WINDOW_ENDS = [0.1, 0.2, 0.4, 0.7];

/** Weight of the metric before, in draws: as Stan's. */
const SHRINKAGE_DRAWS = 5;

/**
 * Warm-up in rounds: a round is over when as many draws have ended as there are chains, whichever they are of, so that none waits. Each
 * ends with one step of dual averaging on the mean acceptance of its draws. The metric comes from deviations of draws from the mean of
 * their own chain, so that chains may have different targets of like shape.
 */
export function pooledAdaptation(options: PooledAdaptationOptions): PooledAdaptation {
  const { numChains, dimension, numWarmup, adaptMetric, targetAcceptanceRate } = options;
  const steps = dualAveraging({ targetAcceptanceRate });
  const [start, ...ends] = WINDOW_ENDS.map((share) => Math.floor(share * numWarmup));
  const fresh = () =>
    Array.from({ length: numChains }, () => emptyEstimate(dimension, options.metric.numDense, 'draws'));
  let { stepSize, metric } = options;
  let averaging = steps.init(stepSize);
  let estimates = fresh();
  let [round, count, acceptanceSum] = [0, 0, 0];

  function endRound(): void {
    averaging = steps.update(averaging, acceptanceSum / count);
    [round, count, acceptanceSum] = [round + 1, 0, 0];
    stepSize = Math.exp(round === numWarmup ? averaging.averageLogStepSize : averaging.logStepSize);
    if (!adaptMetric || !ends.includes(round)) return;
    metric = metricOf(pooled(estimates), shrinkageTo(metric)) ?? metric;
    estimates = fresh();
    averaging = steps.init(Math.exp(averaging.averageLogStepSize));
  }

  return {
    get stepSize() {
      return stepSize;
    },
    get metric() {
      return metric;
    },
    get isFinished() {
      return round >= numWarmup;
    },
    learn(chain, state, acceptanceRate) {
      if (round >= numWarmup) return;
      if (adaptMetric && round >= start) addToEstimate(estimates[chain], state);
      acceptanceSum += acceptanceRate;
      if (++count === numChains) endRound();
    },
  };
}

const shrinkageTo = (target: Metric): Shrinkage => ({ target, numDraws: SHRINKAGE_DRAWS });

/** Estimates of chains as one, whose moments are about the mean of each chain. */
function pooled(estimates: readonly MetricEstimate[]): MetricEstimate {
  const [{ draws, products }] = estimates;
  const total = emptyEstimate(draws.mean.length, Math.round(Math.sqrt(products.length)), 'draws');
  let freedom = 0;
  for (const estimate of estimates) {
    freedom += Math.max(0, estimate.draws.count - 1);
    estimate.draws.squares.forEach((value, i) => {
      total.draws.squares[i] += value;
    });
    estimate.products.forEach((value, i) => {
      total.products[i] += value;
    });
  }
  // Sums of squares are divided by the count less one.
  total.draws.count = freedom + 1;
  return total;
}
