import type { ChainProgress } from '@lensfield/hmc';
import type { Progress, ProgressNumbers } from '../command-line/progress.ts';

/** One bar for all chains: draws made, and the numbers of the slowest chain. */
export function chainProgress(
  progress: Progress,
  { numChains, numWarmup, numSamples }: { numChains: number; numWarmup: number; numSamples: number },
): { update(chain: number, progress: ChainProgress): void; finish(): number } {
  const latest = new Map<number, ChainProgress>();
  const stage = progress.stage('explicit: chains', numChains * (numWarmup + numSamples), 'draws');
  return {
    update(chain, state) {
      latest.set(chain, state);
      const states = [...latest.values()];
      stage.update(
        states.reduce((sum, { draw }) => sum + draw, 0),
        numbersOf(states),
      );
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
