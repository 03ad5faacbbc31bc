import type { LogDensityAndGradient } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { checkIntegrator, type Integrator } from './integrators.ts';
import type { Metric } from './metric.ts';
import { moveAlong, whitenGradient } from './white-coordinates.ts';

/** A point that moves with constant speed, in place. */
export interface IsokineticPoint {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
  /** Unit vector in coordinates that the metric makes white. */
  readonly direction: Float64Array;
  /** The gradient in those coordinates: workspace. */
  readonly whiteGradient: Float64Array;
  logDensity: number;
}

export function emptyIsokineticPoint(dimension: number): IsokineticPoint {
  return {
    position: new Float64Array(dimension),
    gradient: new Float64Array(dimension),
    direction: new Float64Array(dimension),
    whiteGradient: new Float64Array(dimension),
    logDensity: Number.NaN,
  };
}

/** Where a point is, as data of its own. */
interface PointState {
  readonly position: Float64Array;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  readonly logDensity: number;
}

export function placeAt(point: IsokineticPoint, state: PointState): void {
  point.position.set(state.position);
  point.gradient.set(state.gradient);
  point.direction.set(state.direction);
  point.logDensity = state.logDensity;
}

export function pointState({ position, gradient, direction, logDensity }: IsokineticPoint): PointState {
  return {
    position: position.slice(),
    logDensity,
    gradient: gradient.slice(),
    direction: direction.slice(),
  };
}

/**
 * One step in place: kicks turn the direction towards the gradient, drifts move the position along it.
 *
 * @returns The change of the kinetic energy, (dimension - 1) times the log of what the momentum's size grew by.
 *
 * Order, reversibility: test/isokinetic.test.ts.
 * Source: Robnik, De Luca, Silverstein & Seljak (2022), arXiv 2212.08549; Robnik & Seljak (2023), arXiv 2303.18221, eq. 6 and 7.
 */
export function isokineticStep(
  logDensityAndGradient: LogDensityAndGradient,
  { kicks, drifts }: Integrator,
  metric: Metric,
  point: IsokineticPoint,
  stepSize: number,
): number {
  let kineticChange = 0;
  for (let stage = 0; stage < drifts.length; stage++) {
    kineticChange += kick(metric, point, kicks[stage] * stepSize);
    moveAlong(metric, point.direction, drifts[stage] * stepSize, point.position);
    point.logDensity = logDensityAndGradient(point.position, point.gradient);
  }
  return kineticChange + kick(metric, point, kicks[drifts.length] * stepSize);
}

/** Exact solution of du/dt = (1 - u u') g / (n - 1) over a time, in a form that large gradients do not overflow. */
function kick(metric: Metric, point: IsokineticPoint, time: number): number {
  const { direction, gradient, whiteGradient } = point;
  const n = direction.length;
  whitenGradient(metric, gradient, whiteGradient);
  let [square, along] = [0, 0];
  for (let i = 0; i < n; i++) {
    square += whiteGradient[i] * whiteGradient[i];
    along += whiteGradient[i] * direction[i];
  }
  const size = Math.sqrt(square);
  if (size === 0) return 0;
  const delta = (time * size) / (n - 1);
  const cosine = along / size;
  // For a negative time the growing and the decaying part change places.
  const sign = delta < 0 ? -1 : 1;
  const zeta = Math.exp(-2 * Math.abs(delta));
  const root = Math.exp(-Math.abs(delta));
  const towards = sign * (1 - zeta) + cosine * (1 - root) * (1 - root);
  const scale = 1 + zeta + sign * cosine * (1 - zeta);
  const [a, b] = [(2 * root) / scale, towards / (scale * size)];
  let norm = 0;
  for (let i = 0; i < n; i++) {
    const turned = a * direction[i] + b * whiteGradient[i];
    direction[i] = turned;
    norm += turned * turned;
  }
  // Rounding alone moves the norm from one.
  const inverse = 1 / Math.sqrt(norm);
  for (let i = 0; i < n; i++) direction[i] *= inverse;
  return (n - 1) * (Math.abs(delta) - Math.LN2 + Math.log(scale));
}

/** Throws unless the scheme can move a point with constant speed. */
export function checkIsokineticIntegrator(integrator: Integrator): void {
  checkIntegrator(integrator);
  if (integrator.flow !== 'gaussian') return;
  throw new InvalidArgumentError(
    'integrator',
    "hmc.integrator: integrator must have the flow 'free' where the speed is constant; got 'gaussian'. Use mclachlan, or HMC.",
  );
}
