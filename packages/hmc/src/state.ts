import type { LogDensityAndGradient } from '@lensfield/contracts';
import { InvalidArgumentError, NumericalError } from '@lensfield/kernels';
import type { Metric } from './metric.ts';

/** Where a chain is: all that the next transition needs, and nothing else. Its arrays are never written to again. */
export interface SamplerState {
  readonly position: Float64Array;
  /** Log density at `position`, up to a constant. */
  readonly logDensity: number;
  /** Gradient of the log density at `position`. */
  readonly gradient: Float64Array;
}

/** What one transition did. */
export interface TransitionInfo {
  /** Mean over the trajectory's new points of min(1, exp(-energy error)): what step-size adaptation steers. */
  readonly acceptanceRate: number;
  /** Integrator steps; times the integrator's stages, the number of gradients. */
  readonly numIntegrationSteps: number;
  /** True when the energy error passed the threshold or was not a number: the trajectory ended there and that point was refused. */
  readonly isDivergent: boolean;
  /** Hamiltonian of the point that was kept. */
  readonly energy: number;
  /** Hamiltonian of the point that was kept less that of the start. */
  readonly energyError: number;
}

/**
 * One transition with step size and metric as arguments, so that warm-up can change them; workspace is kept between calls. The length in
 * time matters to HMC that learns it only.
 */
export type TransitionKernel<Info extends TransitionInfo, State extends SamplerState = SamplerState> = (
  key: readonly [number, number],
  state: State,
  stepSize: number,
  metric: Metric,
  trajectoryLength?: number,
) => readonly [State, Info];

/**
 * The state at a position.
 *
 * @throws {NumericalError} if the log density or its gradient is not finite there: a chain cannot start from such a point.
 */
export function initState(
  logDensityAndGradient: LogDensityAndGradient,
  position: Float64Array,
): SamplerState {
  if (!(position instanceof Float64Array) || position.length === 0) {
    throw new InvalidArgumentError(
      'position',
      `hmc.init: position must be a Float64Array with at least one element; got ${describe(position)}.`,
    );
  }
  const own = position.slice();
  const gradient = new Float64Array(position.length);
  const logDensity = logDensityAndGradient(own, gradient);
  const bad = gradient.findIndex((value) => !Number.isFinite(value));
  if (!Number.isFinite(logDensity) || bad >= 0) {
    const what = Number.isFinite(logDensity)
      ? `gradient[${bad}] = ${gradient[bad]}`
      : `log density ${logDensity}`;
    throw new NumericalError(
      'logDensity',
      `hmc.init: log density and gradient must be finite at the initial position; got ${what}. Start inside the support.`,
    );
  }
  return { position: own, logDensity, gradient };
}

function describe(value: unknown): string {
  return value instanceof Float64Array ? 'an empty one' : Object.prototype.toString.call(value);
}
