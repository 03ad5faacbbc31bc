import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { checkCount, checkPositive, checkStep } from '../_arguments.ts';
import { type Integrator, mclachlan } from '../integrators.ts';
import { buildMclmcStep, initMclmc, type MclmcInfo, type MclmcState } from '../mclmc.ts';
import { diagonalMetric, type Metric, unitMetric } from '../metric.ts';
import { addToMoments, emptyMoments, type RunningMoments, varianceOf } from '../running-moments.ts';
import { whitenPosition } from '../white-coordinates.ts';
import { autocorrelationTime } from './autocorrelation-time.ts';

export interface MclmcTuningOptions {
  readonly key: Key;
  readonly position: Float64Array;
  /** Steps to tune with; a third of them is left for the chain to arrive. */
  readonly numSteps: number;
  /** Kept as it is. Default: a diagonal metric is learned from the variances of the coordinates. */
  readonly metric?: Metric;
  /**
   * Variance of the energy error of a step over the dimension, which the bias follows. Default 5e-4: a relative bias of second
   * moments of about a per cent.
   */
  readonly energyVariance?: number;
  /** Default: a tenth of the square root of the dimension. */
  readonly initialStepSize?: number;
  readonly integrator?: Integrator;
}

export interface MclmcTuning {
  /** Where the chain has come to. */
  readonly state: MclmcState;
  readonly stepSize: number;
  /** In units of the metric: a share of the path over which the coordinates are forgotten. */
  readonly decoherenceLength: number;
  /** The given one, or the learned. */
  readonly metric: Metric;
  readonly numGradients: number;
}

/** Memory of the step size, in steps. */
const MEMORY = 150;
/** Spread in log step size over which an energy error still tells about the present one. */
const TRUST = 1.5;
/** A step grows at most so much over the one before. */
const GROWTH = 2;
/** Shares of the steps: to arrive, to learn the metric and the size, to find the step size again. The rest is for the memory. */
const SHARES = { arrival: 1 / 3, moments: 1 / 4, steps: 1 / 12 };
/** Decoherence length over the path in which a coordinate is forgotten; arXiv 2212.08549, section 4. */
const MEMORY_SHARE = 0.4;
/** Coordinates whose memory is measured, spread over all. */
const MOST_MEASURED = 64;

/**
 * Chooses metric, step size and decoherence length of `mclmc` on the way to the typical set: the step such that the mean square energy
 * error per dimension is `energyVariance`, taking errors to grow with its sixth power, averaged over the last third; the length from the autocorrelation of the
 * coordinates.
 *
 * @throws {InvalidArgumentError} if an option is out of range.
 *
 * Proof: energy variance reached within a factor 1.5, metric within 5 standard errors, length within a factor 1.5 of the best of a
 * Gaussian (test/mclmc.test.ts).
 * Source: Robnik, De Luca, Silverstein & Seljak (2022), arXiv 2212.08549, section 4.
 */
export function tuneMclmc(
  logDensityAndGradient: LogDensityAndGradient,
  options: MclmcTuningOptions,
): MclmcTuning {
  const { key, position, numSteps, energyVariance = 5e-4, integrator = mclachlan } = options;
  const dimension = position.length;
  const { initialStepSize = 0.1 * Math.sqrt(dimension) } = options;
  checkCount('tuneMclmc', 'numSteps', numSteps, 30);
  checkStep('tuneMclmc', initialStepSize);
  checkPositive('tuneMclmc', 'energyVariance', energyVariance);
  const step = buildMclmcStep(logDensityAndGradient, dimension, integrator);
  let metric = options.metric ?? unitMetric(dimension);
  let decoherenceLength = Math.sqrt(dimension);
  let steps = stepSizeEstimate(initialStepSize, dimension * energyVariance);
  let state = initMclmc(logDensityAndGradient, position, foldIn(key, 0));
  let made = 0;
  const walkTo = (end: number, take: (position: Float64Array) => void = () => {}) => {
    for (; made < end; made++) {
      let info: MclmcInfo;
      const settings = { stepSize: steps.stepSize(), decoherenceLength, metric };
      [state, info] = step(foldIn(key, made + 1), state, settings);
      steps.update(info);
      take(state.position);
    }
  };

  const learned = Math.floor((SHARES.arrival + SHARES.moments) * numSteps);
  const moments = emptyMoments(dimension);
  const white = new Float64Array(dimension);
  walkTo(Math.floor(SHARES.arrival * numSteps));
  walkTo(learned, (q) => {
    whitenPosition(metric, q, white);
    addToMoments(moments, white);
  });
  decoherenceLength = sizeOf(moments);
  if (options.metric === undefined) {
    metric = diagonalMetric(varianceOf(moments));
    // The same share of the typical set, in the units of the new metric.
    const stepSize = (steps.stepSize() * Math.sqrt(dimension)) / decoherenceLength;
    steps = stepSizeEstimate(stepSize, dimension * energyVariance);
    decoherenceLength = Math.sqrt(dimension);
  }
  walkTo(learned + Math.floor(SHARES.steps * numSteps));
  const memory = coordinateSeries(dimension, numSteps - made);
  const first = made;
  let sum = 0;
  walkTo(numSteps, (q) => {
    memory.take(q);
    sum += steps.stepSize();
  });
  // The mean over the stretch: the last one has the memory of a few energy errors, and scatters with them.
  const stepSize = sum / (numSteps - first);
  return {
    state,
    stepSize,
    decoherenceLength: MEMORY_SHARE * stepSize * memory.meanTime(),
    metric,
    numGradients: numSteps * integrator.drifts.length + 1,
  };
}

/** The course of some coordinates, and the mean of their autocorrelation times in steps. */
function coordinateSeries(dimension: number, length: number) {
  const stride = Math.ceil(dimension / MOST_MEASURED);
  const series = Array.from({ length: Math.ceil(dimension / stride) }, () => new Float64Array(length));
  let count = 0;
  return {
    take(position: Float64Array): void {
      series.forEach((values, c) => {
        values[count] = position[c * stride];
      });
      count++;
    },
    meanTime: () => series.reduce((sum, values) => sum + autocorrelationTime(values), 0) / series.length,
  };
}

/** The step at which the energy error has a given mean square, from the errors of steps of all sizes. */
function stepSizeEstimate(initial: number, wantedSquare: number) {
  const decay = (MEMORY - 1) / (MEMORY + 1);
  let stepSize = initial;
  let largest = Number.POSITIVE_INFINITY;
  let [weightedSum, totalWeight] = [0, 0];
  return {
    stepSize: () => stepSize,
    update({ energyError, isDivergent }: MclmcInfo): void {
      if (isDivergent) {
        largest = 0.8 * stepSize;
        stepSize = largest;
        return;
      }
      const ratio = energyError ** 2 / wantedSquare + 1e-8;
      const weight = Math.exp(-0.5 * (Math.log(ratio) / (6 * TRUST)) ** 2);
      weightedSum = decay * weightedSum + weight * (ratio / stepSize ** 6);
      totalWeight = decay * totalWeight + weight;
      const estimate = (weightedSum / totalWeight) ** (-1 / 6);
      stepSize = Math.min(estimate, largest, GROWTH * stepSize);
    },
  };
}

/** The root of the summed variances: the size of the typical set. */
function sizeOf(moments: RunningMoments): number {
  return Math.sqrt(varianceOf(moments).reduce((sum, variance) => sum + variance, 0));
}
