import type { LogDensityAndGradient, SamplingAlgorithm } from '@lensfield/contracts';
import { splitKey, uniformFloat64 } from '@lensfield/kernels';
import { checkStep } from './_arguments.ts';
import { checkForgetting, refreshDirection } from './direction.ts';
import { type Integrator, mclachlan } from './integrators.ts';
import {
  checkIsokineticIntegrator,
  emptyIsokineticPoint,
  isokineticStep,
  placeAt,
  pointState,
} from './isokinetic.ts';
import { initMclmc, type MclmcState } from './mclmc.ts';
import { dimensionOf, type Metric } from './metric.ts';
import type { TransitionInfo, TransitionKernel } from './state.ts';

/** What a chain leaves open to warm-up is the step size and the metric. */
export interface AdjustedMclmcKernelOptions {
  /**
   * Length of path over which the direction is forgotten, over the size of the target in the metric, which is the root of the dimension.
   * Default 2.
   */
  readonly decoherence?: number;
  /** Energy error from which a step counts as divergent. Default 1000. */
  readonly divergenceThreshold?: number;
  /** Default {@link mclachlan}, two gradients a step. */
  readonly integrator?: Integrator;
}

export interface AdjustedMclmcOptions extends AdjustedMclmcKernelOptions {
  /** Length of a step in the metric over the root of the dimension: standard deviations that each coordinate moves, as of HMC. */
  readonly stepSize: number;
  readonly metric: Metric;
}

export interface AdjustedMclmcInfo extends TransitionInfo {
  readonly isAccepted: boolean;
}

/**
 * Metropolis-adjusted Microcanonical Langevin Monte Carlo: each step of `mclmc` is accepted or refused by its energy error, and a
 * refused one turns the direction round. Exact for any step size; pays off where the integrator errs by a fraction of a nat over a
 * step that spans much of the target, as in many nearly independent coordinates (README).
 *
 * @throws {InvalidArgumentError} if an option is out of range, or a position does not fit the metric.
 *
 * Proof: detailed balance in test/detailed-balance.test.ts, moments in test/adjusted-mclmc.test.ts.
 * Source: Robnik, Cohn-Gordon & Seljak (2025), arXiv 2503.01707, sections 3 and 4; turning round after a refusal: Horowitz (1991), Phys.
 * Lett. B 268, 247.
 */
export function adjustedMclmc(
  logDensityAndGradient: LogDensityAndGradient,
  options: AdjustedMclmcOptions,
): SamplingAlgorithm<MclmcState, AdjustedMclmcInfo> {
  const { stepSize, metric } = options;
  checkStep('adjustedMclmc', stepSize);
  const kernel = buildAdjustedMclmcKernel(logDensityAndGradient, dimensionOf(metric), options);
  return {
    init: (position) => initMclmc(logDensityAndGradient, position),
    step: (key, state) => kernel(key, state, stepSize, metric),
  };
}

/**
 * Share of the steps before which the direction is refreshed, the more for it, unless steps are long: drawing noise costs as much as a cheap
 * gradient. Never less often than once in the length over which it is to be forgotten.
 */
const LEAST_REFRESHES = 0.25;

/** The transition of {@link adjustedMclmc} with step size and metric left open, on buffers allocated once. */
export function buildAdjustedMclmcKernel(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  { decoherence = 2, divergenceThreshold = 1000, integrator = mclachlan }: AdjustedMclmcKernelOptions,
): TransitionKernel<AdjustedMclmcInfo, MclmcState> {
  checkIsokineticIntegrator(integrator);
  checkForgetting('adjustedMclmc', 'decoherence', decoherence);
  const point = emptyIsokineticPoint(dimension);
  const noise = new Float64Array(dimension);
  const start = new Float64Array(dimension);
  const length = Math.sqrt(dimension);

  return (key, state, stepSize, metric) => {
    const [choiceKey, refreshKey, acceptKey] = splitKey(key, 3);
    placeAt(point, state);
    const share = Math.min(1, Math.max(LEAST_REFRESHES, stepSize / decoherence));
    if (uniformFloat64(choiceKey, 1)[0] < share) {
      refreshDirection(refreshKey, point.direction, stepSize / (share * decoherence), noise);
      start.set(point.direction);
    } else start.set(state.direction);
    const kineticChange = isokineticStep(logDensityAndGradient, integrator, metric, point, stepSize * length);
    const error = kineticChange - (point.logDensity - state.logDensity);
    const energyError = Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
    const acceptanceRate = Math.min(1, Math.exp(-energyError));
    const isAccepted = uniformFloat64(acceptKey, 1)[0] < acceptanceRate;
    const next = isAccepted ? pointState(point) : { ...state, direction: start.map((u) => -u) };
    const info = {
      acceptanceRate,
      numIntegrationSteps: 1,
      isDivergent: !(energyError < divergenceThreshold),
      energy: -next.logDensity,
      energyError: isAccepted ? energyError : 0,
      isAccepted,
    };
    return [next, info];
  };
}
