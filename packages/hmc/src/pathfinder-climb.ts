import type { LogDensityAndGradient } from '@lensfield/contracts';
import { dot } from './low-rank.ts';
import { initState, type SamplerState } from './state.ts';

export type PathPoint = SamplerState;

/** A step and the change of the gradient of -log density over it. */
export interface CurvaturePair {
  readonly step: Float64Array;
  readonly change: Float64Array;
}

/** Pairs from which the direction of a step is made. */
const MEMORY = 6;
/** Share of the rise that the slope promises with which a step is content: Armijo's. */
const SUFFICIENT = 1e-4;
/** Halvings before a path ends. */
const MOST_HALVINGS = 30;
/** Rise of the log density over a step below which the path has arrived; nats, and relative for rounding. */
const ARRIVED = 1e-6;
const ROUNDING = 1e-13;

/** The pair between two points; undefined where the curvature along the step is not safely positive. */
export function pairBetween(from: PathPoint, to: PathPoint): CurvaturePair | undefined {
  const n = from.position.length;
  const step = to.position.map((x, i) => x - from.position[i]);
  const change = from.gradient.map((g, i) => g - to.gradient[i]);
  const curvature = dot(step, 0, change, 0, n);
  return curvature > 1e-12 * dot(change, 0, change, 0, n) ? { step, change } : undefined;
}

/**
 * A path uphill by L-BFGS, every point of it. It ends where the log density rises no more.
 *
 * Source: Nocedal & Wright (2006), algorithms 3.1, 7.4 and 7.5.
 */
export function climb(
  logDensityAndGradient: LogDensityAndGradient,
  start: Float64Array,
  maxSteps: number,
): PathPoint[] {
  let here: PathPoint = initState(logDensityAndGradient, start);
  const path = [here];
  const pairs: CurvaturePair[] = [];
  for (let step = 0; step < maxSteps; step++) {
    const next = stepUp(logDensityAndGradient, here, uphill(here.gradient, pairs), pairs.length === 0);
    if (next === undefined) break;
    const pair = pairBetween(here, next);
    if (pair !== undefined && pairs.push(pair) > MEMORY) pairs.shift();
    path.push(next);
    const rise = next.logDensity - here.logDensity;
    here = next;
    if (rise <= ARRIVED + ROUNDING * Math.abs(here.logDensity)) break;
  }
  return path;
}

/** The inverse Hessian of the pairs times the gradient, by the two loops. */
function uphill(gradient: Float64Array, pairs: readonly CurvaturePair[]): Float64Array {
  const n = gradient.length;
  const direction = gradient.slice();
  const shares = pairs.toReversed().map(({ step, change }) => {
    const share = dot(step, 0, direction, 0, n) / dot(step, 0, change, 0, n);
    for (let i = 0; i < n; i++) direction[i] -= share * change[i];
    return share;
  });
  const last = pairs.at(-1);
  if (last !== undefined) {
    const scale = dot(last.step, 0, last.change, 0, n) / dot(last.change, 0, last.change, 0, n);
    for (let i = 0; i < n; i++) direction[i] *= scale;
  }
  pairs.forEach(({ step, change }, at) => {
    const share =
      shares[pairs.length - 1 - at] - dot(change, 0, direction, 0, n) / dot(step, 0, change, 0, n);
    for (let i = 0; i < n; i++) direction[i] += share * step[i];
  });
  return direction;
}

/** The first point along the direction that is high enough: the whole step, or halved until it is. The very first step has length 1. */
function stepUp(
  logDensityAndGradient: LogDensityAndGradient,
  here: PathPoint,
  direction: Float64Array,
  isFirst: boolean,
): PathPoint | undefined {
  const n = direction.length;
  const slope = dot(direction, 0, here.gradient, 0, n);
  if (!(slope > 0)) return undefined;
  let length = isFirst ? Math.min(1, 1 / Math.sqrt(dot(direction, 0, direction, 0, n))) : 1;
  for (let halving = 0; halving < MOST_HALVINGS; halving++, length /= 2) {
    const position = here.position.map((x, i) => x + length * direction[i]);
    const gradient = new Float64Array(n);
    const logDensity = logDensityAndGradient(position, gradient);
    const isHighEnough = logDensity >= here.logDensity + SUFFICIENT * length * slope;
    if (isHighEnough && gradient.every(Number.isFinite)) return { position, logDensity, gradient };
  }
  return undefined;
}
