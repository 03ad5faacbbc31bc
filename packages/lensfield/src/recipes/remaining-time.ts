import type { ChainProgress } from '@lensfield/hmc';
import type { LiveConvergence } from './live-convergence.ts';

/** What ends a run: draws, time, or an effective size. */
export interface ChainPlan {
  readonly numChains: number;
  readonly numWarmup: number;
  readonly numSamples: number;
  readonly minutes?: number;
  readonly untilEss?: number;
}

/**
 * Seconds until the first of what ends the run, from the pace of the chains so far; undefined until there is a pace. Effective draws are taken to
 * grow in proportion to draws after warm-up, as they do once chains have met.
 *
 * @param states   The latest of each chain that has started.
 * @param seconds  Since the chains started.
 */
export function remainingSeconds(
  plan: ChainPlan,
  states: readonly ChainProgress[],
  convergence: Pick<LiveConvergence, 'leastEss' | 'numDraws'>,
  seconds: number,
): number | undefined {
  const ends = [untilDraws(plan, states), untilEffectiveDraws(plan, states, convergence)];
  if (plan.minutes !== undefined) ends.push(60 * plan.minutes - seconds);
  const known = ends.filter((end) => end !== undefined && Number.isFinite(end)) as number[];
  return known.length === 0 ? undefined : Math.max(0, Math.min(...known));
}

/** Chains that wait for a core take over the pace of those that run. */
function untilDraws(
  { numChains, numWarmup, numSamples }: ChainPlan,
  states: readonly ChainProgress[],
): number {
  const made = states.reduce((sum, { draw }) => sum + draw, 0);
  return (numChains * (numWarmup + numSamples) - made) / paceOf(states);
}

function untilEffectiveDraws(
  { numChains, numWarmup, untilEss }: ChainPlan,
  states: readonly ChainProgress[],
  { leastEss, numDraws }: Pick<LiveConvergence, 'leastEss' | 'numDraws'>,
): number | undefined {
  if (untilEss === undefined || !(leastEss() > 0)) return undefined;
  const needed = (untilEss / leastEss()) * numDraws();
  const made = states.reduce((sum, { draw }) => sum + Math.max(0, draw - numWarmup), 0) / numChains;
  return ((needed - made) * numChains) / paceOf(states);
}

/** Draws of all running chains in a second. */
function paceOf(states: readonly ChainProgress[]): number {
  return states.reduce(
    (sum, { draw, total, drawsPerSecond }) => sum + (draw < total ? drawsPerSecond : 0),
    0,
  );
}
