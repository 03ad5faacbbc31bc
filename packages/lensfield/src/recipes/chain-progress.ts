import type { ChainProgress } from '@lensfield/hmc';
import type { Progress, ProgressNumbers } from '../command-line/progress.ts';

interface ChainPlan {
  readonly numChains: number;
  readonly numWarmup: number;
  readonly numSamples: number;
  readonly minutes?: number;
}

const TITLE = 'explicit: chains';

/** One bar for all chains: draws made, or the time gone by where time limits the run, and the numbers of the slowest chain. */
export function chainProgress(
  progress: Progress,
  { numChains, numWarmup, numSamples, minutes }: ChainPlan,
): { update(chain: number, progress: ChainProgress): void; finish(): number } {
  const latest = new Map<number, ChainProgress>();
  const started = performance.now();
  const stage =
    minutes === undefined
      ? progress.stage(TITLE, numChains * (numWarmup + numSamples), 'draws')
      : progress.stage(TITLE, Math.ceil(60 * minutes), 'seconds');
  return {
    update(chain, state) {
      latest.set(chain, state);
      const states = [...latest.values()];
      const draws = states.reduce((sum, { draw }) => sum + draw, 0);
      if (minutes === undefined) stage.update(draws, numbersOf(states));
      else stage.update(Math.round((performance.now() - started) / 1000), { draws, ...numbersOf(states) });
    },
    finish: () => stage.finish(),
  };
}

function numbersOf(states: readonly ChainProgress[]): ProgressNumbers {
  const slowest = states.reduce((a, b) => (b.draw < a.draw ? b : a));
  const mean = (f: (state: ChainProgress) => number) =>
    states.reduce((sum, state) => sum + f(state), 0) / states.length;
  return {
    phase: slowest.phase,
    accept: mean((state) => state.acceptanceRate),
    step: mean((state) => state.stepSize),
    divergences: states.reduce((sum, state) => sum + state.numDivergences, 0),
    gradients: states.reduce((sum, state) => sum + state.numGradients, 0),
  };
}
