import type { ChainProgress } from '@lensfield/hmc';
import type { Progress, ProgressNumbers, Stage } from '../command-line/progress.ts';
import type { LiveConvergence } from './live-convergence.ts';
import { type ChainPlan, remainingSeconds } from './remaining-time.ts';

const TITLE = 'explicit: chains';

/** One bar for all chains, of what ends the run, with the numbers of the slowest chain. */
export function chainProgress(
  progress: Progress,
  plan: ChainPlan,
  convergence: LiveConvergence,
): { update(chain: number, progress: ChainProgress): void; finish(): number } {
  const latest = new Map<number, ChainProgress>();
  const started = performance.now();
  const stage = startStage(progress, plan);
  return {
    update(chain, state) {
      latest.set(chain, state);
      const states = [...latest.values()];
      const draws = states.reduce((sum, { draw }) => sum + draw, 0);
      const seconds = (performance.now() - started) / 1000;
      const numbers = { draws, ...convergence.numbers(), ...numbersOf(states, convergence.leastEss()) };
      const left = remainingSeconds(plan, states, convergence, seconds);
      if (plan.untilEss !== undefined) stage.update(Math.round(convergence.leastEss()), numbers, left);
      else stage.update(plan.minutes === undefined ? draws : Math.round(seconds), numbers, left);
    },
    finish: () => stage.finish(),
  };
}

function startStage(
  progress: Progress,
  { numChains, numWarmup, numSamples, minutes, untilEss }: ChainPlan,
): Stage {
  if (untilEss !== undefined) return progress.stage(TITLE, untilEss, 'effective draws');
  if (minutes !== undefined) return progress.stage(TITLE, Math.ceil(60 * minutes), 'seconds');
  return progress.stage(TITLE, numChains * (numWarmup + numSamples), 'draws');
}

function numbersOf(states: readonly ChainProgress[], ess: number): ProgressNumbers {
  const slowest = states.reduce((a, b) => (b.draw < a.draw ? b : a));
  const mean = (f: (state: ChainProgress) => number) =>
    states.reduce((sum, state) => sum + f(state), 0) / states.length;
  const gradients = states.reduce((sum, state) => sum + state.numGradients, 0);
  return {
    ...(ess > 0 && { 'ess/gradient': ess / gradients }),
    phase: slowest.phase,
    accept: mean((state) => state.acceptanceRate),
    step: mean((state) => state.stepSize),
    divergences: states.reduce((sum, state) => sum + state.numDivergences, 0),
    gradients,
  };
}
