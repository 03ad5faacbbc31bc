import type { Key, LogDensityAndGradient } from '@lensfield/contracts';
import { foldIn, NumericalError } from '@lensfield/kernels';
import { type Integrator, integrate } from '../integrators.ts';
import type { Metric } from '../metric.ts';
import { drawMomentum, kineticEnergy } from '../momentum.ts';
import { emptyPhasePoint, placeAt } from '../phase-point.ts';
import type { SamplerState } from '../state.ts';

/** One step is accepted about this often at the step size that the search returns: Stan's choice. */
const TARGET = Math.log(0.8);
/** 2^100 covers any scale; a search that has not ended by then never will. */
const MOST_DOUBLINGS = 100;

/**
 * A step size of the right order: doubled or halved from `stepSize` until the acceptance of a single step crosses 0.8.
 *
 * @throws {NumericalError} if no step size does: the gradient does not belong to the log density, or the density is flat.
 *
 * Source: Hoffman and Gelman (2014), algorithm 4; with a new momentum in each trial and 0.8 in place of 0.5, as in Stan.
 */
export function findInitialStepSize(
  key: Key,
  logDensityAndGradient: LogDensityAndGradient,
  integrator: Integrator,
  metric: Metric,
  state: SamplerState,
  stepSize: number,
): number {
  const momentum = new Float64Array(state.position.length);
  const point = emptyPhasePoint(momentum.length);
  const isAccepted = (step: number, trial: number) => {
    drawMomentum(foldIn(key, trial), metric, momentum);
    placeAt(point, state, momentum);
    const before = kineticEnergy(metric, momentum) - state.logDensity;
    const kinetic = integrate(logDensityAndGradient, integrator, metric, point, step);
    const after = kinetic - point.logDensity;
    return Number.isFinite(after) && before - after > TARGET;
  };
  const grows = isAccepted(stepSize, 0);
  let current = stepSize;
  for (let trial = 1; trial <= MOST_DOUBLINGS; trial++) {
    const next = grows ? current * 2 : current / 2;
    if (isAccepted(next, trial) !== grows) return grows ? current : next;
    current = next;
  }
  throw new NumericalError(
    'stepSize',
    `hmc.findInitialStepSize: some step size must change the energy by about 0.2; got none from ${stepSize} to ${current}. ` +
      (grows
        ? 'The density seems flat: give it a proper prior.'
        : 'Check the gradient against finite differences.'),
  );
}
