import { InvalidArgumentError } from '@lensfield/kernels';
import { checkPositive, checkStep } from '../_arguments.ts';

const USUAL_GAMMA = 0.05;

export interface DualAveragingOptions {
  /** Acceptance rate to steer to, in (0, 1). Default 0.8. */
  readonly targetAcceptanceRate?: number;
  /** Strength of the pull to the starting point. Default 0.05. */
  readonly gamma?: number;
  /** Weight of early iterations. Default 10. */
  readonly t0?: number;
  /** Exponent of forgetting in the average. Default 0.75. */
  readonly kappa?: number;
}

/** Plain data. */
export interface DualAveragingState {
  readonly logStepSize: number;
  /** Average of the log steps: the step to use when adaptation ends. */
  readonly averageLogStepSize: number;
  readonly count: number;
  /** Running mean of target less acceptance. */
  readonly meanError: number;
  /** The log step that the search shrinks to: ten times the starting step, less for a stronger pull. */
  readonly centre: number;
}

export interface DualAveraging {
  init(stepSize: number): DualAveragingState;
  update(state: DualAveragingState, acceptanceRate: number): DualAveragingState;
}

/**
 * Step-size adaptation by Nesterov's dual averaging.
 *
 * @throws {InvalidArgumentError} if the target is not in (0, 1).
 *
 * Source: Hoffman and Gelman (2014), "The no-U-turn sampler", section 3.2, eq. 6, with their constants.
 */
export function dualAveraging(options: DualAveragingOptions = {}): DualAveraging {
  const { targetAcceptanceRate = 0.8, gamma = USUAL_GAMMA, t0 = 10, kappa = 0.75 } = options;
  if (!(targetAcceptanceRate > 0 && targetAcceptanceRate < 1)) {
    throw new InvalidArgumentError(
      'targetAcceptanceRate',
      `hmc.dualAveraging: targetAcceptanceRate must be in (0, 1); got ${targetAcceptanceRate}. 0.8 is usual.`,
    );
  }
  checkPositive('dualAveraging', 'gamma', gamma, ' 0.05 is usual.');
  return {
    init(stepSize) {
      checkStep('dualAveraging', stepSize);
      return {
        logStepSize: Math.log(stepSize),
        averageLogStepSize: 0,
        count: 0,
        meanError: 0,
        centre: Math.log(stepSize * 10 ** (USUAL_GAMMA / gamma)),
      };
    },
    update(state, acceptanceRate) {
      const count = state.count + 1;
      const share = 1 / (count + t0);
      const meanError = (1 - share) * state.meanError + share * (targetAcceptanceRate - acceptanceRate);
      const logStepSize = state.centre - (Math.sqrt(count) / gamma) * meanError;
      const weight = count ** -kappa;
      const averageLogStepSize = weight * logStepSize + (1 - weight) * state.averageLogStepSize;
      return { ...state, count, meanError, logStepSize, averageLogStepSize };
    },
  };
}
