import { InvalidArgumentError } from '@lensfield/kernels';
import { checkCount, checkPositive, checkStep } from '../_arguments.ts';
import { blockMetric, dimensionOf, type Metric } from '../metric.ts';
import type { DiagonalEstimate } from './metric-estimate.ts';

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

/** Options with their defaults, checked. */
export function resolveOptions(dimension: number, options: AdaptationOptions) {
  const { targetAcceptanceRate = 0.8, initialStepSize = 1, adaptMetric = true, shrinkageDraws = 5 } = options;
  const { denseSpeed = 1, stepSizeGamma = 0.05, largestStepSize = Number.POSITIVE_INFINITY } = options;
  const { stepSizeShare = 0, diagonalEstimate = 'draws', initialMetric: given } = options;
  const numDense = options.denseFor ?? given?.numDense ?? 0;
  const lowRank = options.lowRank ?? given?.lowRank?.variances.length ?? 0;
  checkSteps(initialStepSize, largestStepSize, stepSizeShare);
  checkLearning(dimension, numDense, lowRank, shrinkageDraws, denseSpeed);
  if (given !== undefined) checkInitialMetric(given, dimension, numDense);
  return {
    targetAcceptanceRate,
    stepSizeGamma,
    stepSizeShare,
    largestStepSize,
    initialStepSize,
    adaptMetric,
    numDense,
    lowRank,
    diagonalEstimate,
    covariances: given ?? identityMetric(dimension, numDense),
    centre: given?.reference?.centre ?? new Float64Array(dimension),
    denseSpeed,
    shrinkage: { target: given ?? null, numDraws: shrinkageDraws },
  };
}

function checkSteps(initialStepSize: number, largestStepSize: number, stepSizeShare: number): void {
  checkStep('windowedAdaptation', initialStepSize);
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
}

function checkLearning(
  dimension: number,
  numDense: number,
  lowRank: number,
  shrinkageDraws: number,
  denseSpeed: number,
): void {
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
  checkPositive('windowedAdaptation', 'denseSpeed', denseSpeed, ' Use 1 for one speed of all coordinates.');
}

function checkInitialMetric(given: Metric, dimension: number, numDense: number): void {
  if (dimensionOf(given) === dimension && given.numDense === numDense) return;
  throw new InvalidArgumentError(
    'initialMetric',
    `hmc.windowedAdaptation: initialMetric must have dimension ${dimension} and a dense block of ${numDense}; ` +
      `got ${dimensionOf(given)} and ${given.numDense}. Build it with blockMetric.`,
  );
}

function identityMetric(dimension: number, numDense: number): Metric {
  const identity = new Float64Array(numDense * numDense);
  for (let i = 0; i < numDense; i++) identity[i * (numDense + 1)] = 1;
  return blockMetric(identity, new Float64Array(dimension - numDense).fill(1));
}
