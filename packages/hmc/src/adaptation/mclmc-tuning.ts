import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import { checkCount, checkStep } from '../_arguments.ts';
import { type Integrator, mclachlan } from '../integrators.ts';
import { buildMclmcStep, initMclmc, type MclmcInfo, type MclmcState } from '../mclmc.ts';
import { dimensionOf, type Metric, whitenPosition } from '../metric.ts';
import { addToMoments, emptyMoments, type RunningMoments, varianceOf } from '../running-moments.ts';

export interface MclmcTuningOptions {
  readonly key: Key;
  readonly position: Float64Array;
  /** Steps to tune with; a third of them is left for the chain to arrive. */
  readonly numSteps: number;
  readonly metric: Metric;
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
  /** The root of the summed variances of all coordinates: the size of the typical set, in units of the metric. */
  readonly decoherenceLength: number;
  readonly numGradients: number;
}

/** Memory of the step size, in steps. */
const MEMORY = 150;
/** Spread in log step size over which an energy error still tells about the present one. */
const TRUST = 1.5;
/** A step grows at most so much over the one before. */
const GROWTH = 2;

/**
 * Chooses step size and decoherence length of `mclmc` on the way to the typical set: the step such that the mean square energy error per
 * dimension is `energyVariance`, taking errors to grow with its sixth power.
 *
 * @throws {InvalidArgumentError} if an option is out of range.
 *
 * Proof: energy variance reached within a factor 1.5, length within 10 % of that of a Gaussian (test/mclmc.test.ts).
 * Source: Robnik, De Luca, Silverstein & Seljak (2022), arXiv 2212.08549, section 4.
 */
export function tuneMclmc(
  logDensityAndGradient: LogDensityAndGradient,
  options: MclmcTuningOptions,
): MclmcTuning {
  const { key, position, numSteps, metric, energyVariance = 5e-4, integrator = mclachlan } = options;
  const dimension = dimensionOf(metric);
  const { initialStepSize = 0.1 * Math.sqrt(dimension) } = options;
  checkCount('tuneMclmc', 'numSteps', numSteps, 30);
  checkStep('tuneMclmc', initialStepSize);
  checkVariance(energyVariance);
  const step = buildMclmcStep(logDensityAndGradient, dimension, integrator);
  const steps = stepSizeEstimate(initialStepSize, dimension * energyVariance);
  const moments = emptyMoments(dimension);
  const white = new Float64Array(dimension);
  const arrival = Math.floor(numSteps / 3);
  let decoherenceLength = Math.sqrt(dimension);
  let state = initMclmc(logDensityAndGradient, position, foldIn(key, 0));
  for (let i = 0; i < numSteps; i++) {
    let info: MclmcInfo;
    [state, info] = step(foldIn(key, i + 1), state, {
      stepSize: steps.stepSize(),
      decoherenceLength,
      metric,
    });
    steps.update(info);
    if (i < arrival) continue;
    whitenPosition(metric, state.position, white);
    addToMoments(moments, white);
    if (i === Math.floor((2 * numSteps) / 3)) decoherenceLength = sizeOf(moments);
  }
  return {
    state,
    stepSize: steps.stepSize(),
    decoherenceLength: sizeOf(moments),
    numGradients: numSteps * integrator.drifts.length + 1,
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

function sizeOf(moments: RunningMoments): number {
  return Math.sqrt(varianceOf(moments).reduce((sum, variance) => sum + variance, 0));
}

function checkVariance(energyVariance: number): void {
  if (energyVariance > 0 && Number.isFinite(energyVariance)) return;
  throw new InvalidArgumentError(
    'energyVariance',
    `hmc.tuneMclmc: energyVariance must be positive and finite; got ${energyVariance}.`,
  );
}
