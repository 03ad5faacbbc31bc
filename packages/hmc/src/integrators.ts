import type { LogDensityAndGradient } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { integrateInGaussian } from './gaussian-flow.ts';
import type { Metric } from './metric.ts';
import { denseVelocity, driftLowRank, lowRankSquare } from './momentum.ts';
import type { PhasePoint } from './phase-point.ts';

/**
 * A palindromic splitting of Hamilton's equations that begins and ends with a kick: momentum by `kicks[0]`, position by `drifts[0]`,
 * momentum by `kicks[1]`, ... in units of the step. Any such scheme is reversible and keeps volume, so that it may propose moves.
 */
export interface Integrator {
  /** Shares of the step for the momentum; they sum to one and read the same backwards. One more than `drifts`. */
  readonly kicks: readonly number[];
  /** Shares of the step for the position; they sum to one and read the same backwards. One gradient each. */
  readonly drifts: readonly number[];
  /**
   * What a drift is. `free` (default): motion without a force. `gaussian`: exact motion in the reference Gaussian of the metric, with
   * kicks from the rest of the log density; see {@link inGaussian}.
   */
  readonly flow?: 'free' | 'gaussian';
}

/** Leapfrog: one gradient a step, order 2. Stable up to a step of 2 standard deviations. */
export const velocityVerlet: Integrator = { kicks: [0.5, 0.5], drifts: [1] };

const MCLACHLAN_KICK = 0.1931833275037836;

/**
 * Two gradients a step, order 2, with about a fifth of the energy error of two leapfrogs of half the step.
 * Source: McLachlan (1995), "On the numerical integration of ordinary differential equations by symmetric composition methods"; the
 * coefficient as in Takaishi and de Forcrand (2006), eq. 21.
 */
export const mclachlan: Integrator = {
  kicks: [MCLACHLAN_KICK, 1 - 2 * MCLACHLAN_KICK, MCLACHLAN_KICK],
  drifts: [0.5, 0.5],
};

const BLANES_KICK = 0.11888010966548;
const BLANES_DRIFT = 0.29619504261126;

/**
 * Three gradients a step, order 2, tuned for the acceptance of HMC on Gaussian targets at large steps. Not for NUTS in many dimensions:
 * at the steps that warm-up finds a trajectory has too few points to see its turn, and runs to its greatest depth.
 * Source: Blanes, Casas and Sanz-Serna (2014), "Numerical integrators for the hybrid Monte Carlo method", section 6.
 */
export const blanesThreeStage: Integrator = {
  kicks: [BLANES_KICK, 0.5 - BLANES_KICK, 0.5 - BLANES_KICK, BLANES_KICK],
  drifts: [BLANES_DRIFT, 1 - 2 * BLANES_DRIFT, BLANES_DRIFT],
};

const OMELYAN_XI = 0.164498651557576;
const OMELYAN_LAMBDA = -0.02094333910398989;
const OMELYAN_CHI = 1.235692651138917;

/**
 * Four gradients a step, order 4.
 * Source: Omelyan, Mryglod and Folk (2002), "Optimized Forest-Ruth- and Suzuki-like algorithms for integration of motion in many-body
 * systems", velocity version (VEFRL).
 */
export const omelyan: Integrator = {
  kicks: [OMELYAN_XI, OMELYAN_CHI, 1 - 2 * (OMELYAN_CHI + OMELYAN_XI), OMELYAN_CHI, OMELYAN_XI],
  drifts: [0.5 - OMELYAN_LAMBDA, OMELYAN_LAMBDA, OMELYAN_LAMBDA, 0.5 - OMELYAN_LAMBDA],
};

/**
 * The same kicks and drifts for targets close to the Gaussian of the metric: a drift is exact motion in it, kicks come from the rest of
 * the log density, and the step is an angle in radians. No error on the Gaussian itself, whatever the step and the dimension.
 */
export function inGaussian(integrator: Integrator): Integrator {
  return { ...integrator, flow: 'gaussian' };
}

/**
 * Throws unless the scheme is consistent (shares sum to one) and palindromic.
 *
 * @throws {InvalidArgumentError}
 */
export function checkIntegrator({ kicks, drifts }: Integrator): void {
  const isGood = (shares: readonly number[]) =>
    Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-12 &&
    shares.every((share, i) => share === shares[shares.length - 1 - i]);
  if (kicks.length === drifts.length + 1 && drifts.length > 0 && isGood(kicks) && isGood(drifts)) return;
  throw new InvalidArgumentError(
    'integrator',
    'hmc.integrator: integrator must have palindromic shares that sum to one, one kick more than drifts; got ' +
      `kicks [${kicks}] and drifts [${drifts}]. Use velocityVerlet, mclachlan, blanesThreeStage or omelyan.`,
  );
}

/**
 * One step in place: position, momentum, gradient and log density of `point` move by time `stepSize` (negative: backwards).
 *
 * @returns The kinetic energy at the end, summed in float64.
 *
 * Order, reversibility: test/integrators.test.ts. Memory: allocates nothing.
 */
export function integrate(
  logDensityAndGradient: LogDensityAndGradient,
  integrator: Integrator,
  metric: Metric,
  point: PhasePoint,
  stepSize: number,
): number {
  if (integrator.flow === 'gaussian')
    return integrateInGaussian(logDensityAndGradient, integrator, metric, point, stepSize);
  const { kicks, drifts } = integrator;
  for (let stage = 0; stage < drifts.length; stage++) {
    kickAndDrift(metric, point, kicks[stage] * stepSize, drifts[stage] * stepSize);
    point.logDensity = logDensityAndGradient(point.position, point.gradient);
  }
  return lastKick(metric, point, kicks[kicks.length - 1] * stepSize);
}

/** p += kick g, then q += drift M^-1 p: one pass over memory for the diagonal part. */
export function kickAndDrift(metric: Metric, point: PhasePoint, kick: number, drift: number): void {
  const { position, momentum, gradient } = point;
  const { numDense, diagonal } = metric;
  for (let i = 0; i < numDense; i++) momentum[i] += kick * gradient[i];
  for (let i = 0; i < numDense; i++) position[i] += drift * denseVelocity(metric, momentum, i);
  for (let i = 0, at = numDense; i < diagonal.length; i++, at++) {
    const kicked = momentum[at] + kick * gradient[at];
    momentum[at] = kicked;
    position[at] += drift * diagonal[i] * kicked;
  }
  driftLowRank(metric, momentum, drift, position);
}

/** p += kick g, and the kinetic energy after it in the same pass over memory. */
export function lastKick(metric: Metric, { momentum, gradient }: PhasePoint, kick: number): number {
  const { numDense, diagonal } = metric;
  let twice = 0;
  for (let i = 0; i < numDense; i++) momentum[i] += kick * gradient[i];
  for (let i = 0; i < numDense; i++) twice += momentum[i] * denseVelocity(metric, momentum, i);
  for (let i = 0, at = numDense; i < diagonal.length; i++, at++) {
    const kicked = momentum[at] + kick * gradient[at];
    momentum[at] = kicked;
    twice += diagonal[i] * kicked * kicked;
  }
  return (twice + lowRankSquare(metric, momentum)) / 2;
}
