import type { Key, LogDensityAndGradient, SamplingAlgorithm } from '@lensfield/contracts';
import { InvalidArgumentError, randomIntegers, splitKey, uniformFloat64 } from '@lensfield/kernels';
import { checkCount, checkJitter, checkStep } from './_arguments.ts';
import type { Proposal } from './adaptation/trajectory-length.ts';
import { checkIntegrator, type Integrator, integrate, velocityVerlet } from './integrators.ts';
import { jitterFactor } from './jitter.ts';
import { dimensionOf, type Metric } from './metric.ts';
import { drawMomentum, kineticEnergy } from './momentum.ts';
import { emptyPhasePoint, placeAt } from './phase-point.ts';
import { initState, type SamplerState, type TransitionInfo, type TransitionKernel } from './state.ts';

export interface HmcKernelOptions {
  /** Integrator steps of a trajectory. */
  readonly numIntegrationSteps: number;
  /** Share by which the number of steps varies from draw to draw, in [0, 1); breaks resonances. Default 0: always the same. */
  readonly jitter?: number;
  /** Energy error above which a trajectory counts as divergent. Default 1000. */
  readonly divergenceThreshold?: number;
  /** Default {@link velocityVerlet}. */
  readonly integrator?: Integrator;
}

/** Trajectories whose length in time is an argument of the transition, for warm-up to learn. */
export interface AdaptedHmcKernelOptions extends Omit<HmcKernelOptions, 'numIntegrationSteps'> {
  /** Warm-up learns the length, by the criterion of ChEES: see `updateTrajectoryLength`. The default of `jitter` is then 0.5. */
  readonly numIntegrationSteps: 'adapted';
  /** A trajectory has at most so many steps. Default 1000. */
  readonly maxIntegrationSteps?: number;
}

export interface HmcOptions extends HmcKernelOptions {
  readonly stepSize: number;
  readonly metric: Metric;
}

export interface HmcInfo extends TransitionInfo {
  readonly isAccepted: boolean;
  /** Only of trajectories whose length is learned. */
  readonly proposal?: Proposal;
}

/**
 * Hamiltonian Monte Carlo with trajectories of a fixed number of steps.
 *
 * @throws {InvalidArgumentError} if an option is out of range, or a position does not fit the metric.
 *
 * Proof: invariance, detailed balance and moments in test/detailed-balance.test.ts and test/targets.test.ts.
 * Source: Neal (2011), "MCMC using Hamiltonian dynamics", section 3.
 */
export function hmc(
  logDensityAndGradient: LogDensityAndGradient,
  options: HmcOptions,
): SamplingAlgorithm<SamplerState, HmcInfo> {
  const { stepSize, metric } = options;
  checkStep('hmc', stepSize);
  const kernel = buildHmcKernel(logDensityAndGradient, dimensionOf(metric), options);
  return {
    init: (position) => initState(logDensityAndGradient, position),
    step: (key, state) => kernel(key, state, stepSize, metric),
  };
}

/** Draws the number of steps of a trajectory. */
type StepCount = (key: Key, stepSize: number, trajectoryLength: number | undefined) => number;

function stepCount(options: HmcKernelOptions | AdaptedHmcKernelOptions): StepCount {
  const { numIntegrationSteps } = options;
  const { jitter = numIntegrationSteps === 'adapted' ? 0.5 : 0 } = options;
  checkJitter('hmc', jitter);
  if (numIntegrationSteps === 'adapted') return adaptedStepCount(options as AdaptedHmcKernelOptions, jitter);
  checkCount('hmc', 'numIntegrationSteps', numIntegrationSteps, 1);
  const least = Math.max(1, Math.round(numIntegrationSteps * (1 - jitter)));
  const most = Math.max(least, Math.round(numIntegrationSteps * (1 + jitter)));
  return (key) => randomIntegers(key, 1, { min: least, max: most + 1 })[0];
}

/** The most steps of a trajectory of learned length. */
export function mostSteps({ maxIntegrationSteps = 1000 }: AdaptedHmcKernelOptions): number {
  return maxIntegrationSteps;
}

function adaptedStepCount(options: AdaptedHmcKernelOptions, jitter: number): StepCount {
  const most = mostSteps(options);
  checkCount('hmc', 'maxIntegrationSteps', most, 1);
  return (key, stepSize, trajectoryLength) => {
    if (trajectoryLength === undefined) {
      throw new InvalidArgumentError(
        'numIntegrationSteps',
        "hmc.hmc: numIntegrationSteps must be a whole number outside of chains; got 'adapted'. Use runChain, or give the number.",
      );
    }
    const length = trajectoryLength * jitterFactor(key, jitter);
    return Math.min(most, Math.max(1, Math.round(length / stepSize)));
  };
}

/** The transition of {@link hmc} with step size and metric left open, on buffers allocated once. */
export function buildHmcKernel(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  options: HmcKernelOptions | AdaptedHmcKernelOptions,
): TransitionKernel<HmcInfo> {
  const { divergenceThreshold = 1000, integrator = velocityVerlet } = options;
  checkIntegrator(integrator);
  const drawStepCount = stepCount(options);
  const momentum = new Float64Array(dimension);
  const point = emptyPhasePoint(dimension);

  return (key: Key, state: SamplerState, stepSize: number, metric: Metric, trajectoryLength?: number) => {
    const [momentumKey, lengthKey, acceptKey] = splitKey(key, 3);
    const numSteps = drawStepCount(lengthKey, stepSize, trajectoryLength);
    drawMomentum(momentumKey, metric, momentum);
    placeAt(point, state, momentum);
    const initialEnergy = kineticEnergy(metric, momentum) - state.logDensity;
    let kinetic = 0;
    for (let i = 0; i < numSteps; i++) {
      kinetic = integrate(logDensityAndGradient, integrator, metric, point, stepSize);
    }
    const energy = kinetic - point.logDensity;
    // A NaN, or a density of +Infinity, is a divergence: it can never be accepted.
    const energyError = Number.isFinite(energy) ? energy - initialEnergy : Number.POSITIVE_INFINITY;
    const acceptanceRate = Math.min(1, Math.exp(-energyError));
    const isAccepted = uniformFloat64(acceptKey, 1)[0] < acceptanceRate;
    const info = {
      acceptanceRate,
      numIntegrationSteps: numSteps,
      isDivergent: !(energyError < divergenceThreshold),
      energy: isAccepted ? energy : initialEnergy,
      energyError: isAccepted ? energyError : 0,
      isAccepted,
      ...(trajectoryLength !== undefined && {
        proposal: { ...point, share: (numSteps * stepSize) / trajectoryLength },
      }),
    };
    return [isAccepted ? copyOf(point) : state, info];
  };
}

function copyOf({ position, logDensity, gradient }: SamplerState): SamplerState {
  return { position: position.slice(), logDensity, gradient: gradient.slice() };
}
