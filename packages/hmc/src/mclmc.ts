import type { Key, LogDensityAndGradient, SamplingAlgorithm } from '@lensfield/contracts';
import { InvalidArgumentError, splitKey } from '@lensfield/kernels';
import { checkStep } from './_arguments.ts';
import { checkForgetting, drawDirection, refreshDirection } from './direction.ts';
import { type Integrator, mclachlan } from './integrators.ts';
import {
  checkIsokineticIntegrator,
  emptyIsokineticPoint,
  isokineticStep,
  placeAt,
  pointState,
} from './isokinetic.ts';
import { dimensionOf, type Metric } from './metric.ts';
import { initState, type SamplerState } from './state.ts';

export interface MclmcOptions {
  /** Length of a step in units of the metric's standard deviations. */
  readonly stepSize: number;
  /** Length of path over which the direction is forgotten, in the same units. */
  readonly decoherenceLength: number;
  readonly metric: Metric;
  /** Default {@link mclachlan}, two gradients a step. */
  readonly integrator?: Integrator;
}

/** Where an MCLMC chain is: a sampler state and the direction in which it moves. Its arrays are never written to again. */
export interface MclmcState extends SamplerState {
  /** Unit vector in coordinates that the metric makes white. */
  readonly direction: Float64Array;
}

export interface MclmcInfo {
  /** Change of the energy in this step: zero for exact dynamics. Its mean square over the dimension tells the bias. */
  readonly energyError: number;
  /** True where density or gradient were not finite: the step was not made and the direction turned round. */
  readonly isDivergent: boolean;
}

/**
 * Microcanonical Langevin Monte Carlo: a walk of constant speed whose direction the gradient turns and noise forgets. It has no
 * accept-reject step, so a step may grow with the square root of the dimension where HMC's must shrink; the price is a bias, which
 * the energy error per dimension measures: `tuneMclmc` chooses the step by it.
 *
 * @throws {InvalidArgumentError} if an option is out of range, or a position does not fit the metric.
 *
 * Proof: reversibility and order in test/isokinetic.test.ts, moments and their bias in test/mclmc.test.ts.
 * Source: Robnik, De Luca, Silverstein & Seljak (2022), arXiv 2212.08549; Robnik & Seljak (2023), arXiv 2303.18221, eq. 1 and 8.
 */
export function mclmc(
  logDensityAndGradient: LogDensityAndGradient,
  options: MclmcOptions,
): SamplingAlgorithm<MclmcState, MclmcInfo> {
  const { stepSize, decoherenceLength, metric } = options;
  checkStep('mclmc', stepSize);
  checkForgetting('mclmc', 'decoherenceLength', decoherenceLength);
  const step = buildMclmcStep(logDensityAndGradient, dimensionOf(metric), options.integrator);
  return {
    init: (position) => initMclmc(logDensityAndGradient, position),
    step: (key, state) => step(key, state, { stepSize, decoherenceLength, metric }),
  };
}

/** Key of the direction of a start that has none. */
const START: Key = [0, 0];

/** A state at a position, moving in a direction that the key decides. */
export function initMclmc(
  logDensityAndGradient: LogDensityAndGradient,
  position: Float64Array,
  key: Key = START,
): MclmcState {
  if (position.length < 2) {
    throw new InvalidArgumentError(
      'position',
      `hmc.mclmc: position must have at least two coordinates, or there is no direction to turn to; got ${position.length}.`,
    );
  }
  return { ...initState(logDensityAndGradient, position), direction: drawDirection(key, position.length) };
}

/** The step of {@link mclmc} with its settings left open, on buffers allocated once. */
export function buildMclmcStep(
  logDensityAndGradient: LogDensityAndGradient,
  dimension: number,
  integrator: Integrator = mclachlan,
): (
  key: Key,
  state: MclmcState,
  settings: Omit<MclmcOptions, 'integrator'>,
) => readonly [MclmcState, MclmcInfo] {
  checkIsokineticIntegrator(integrator);
  const point = emptyIsokineticPoint(dimension);
  const noise = new Float64Array(dimension);
  return (key, state, { stepSize, decoherenceLength, metric }) => {
    const [before, after] = splitKey(key, 2);
    placeAt(point, state);
    // Half of the forgetting on either side keeps the step symmetric in time.
    const forgetting = stepSize / (2 * decoherenceLength);
    refreshDirection(before, point.direction, forgetting, noise);
    const kineticChange = isokineticStep(logDensityAndGradient, integrator, metric, point, stepSize);
    const energyError = kineticChange - (point.logDensity - state.logDensity);
    if (!Number.isFinite(energyError)) {
      return [
        { ...state, direction: state.direction.map((u) => -u) },
        { energyError, isDivergent: true },
      ];
    }
    refreshDirection(after, point.direction, forgetting, noise);
    return [pointState(point), { energyError, isDivergent: false }];
  };
}
