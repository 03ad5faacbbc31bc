import type { NdArray } from '@lensfield/contracts';
import { summarizeChains } from '@lensfield/diagnostics';
import type { ProgressNumbers } from '../command-line/progress.ts';
import { largestRhat, leastEss } from './worst-convergence.ts';

/** R-hat and effective sizes of chains that are still running. */
export interface LiveConvergence {
  /** Takes further draws of a chain, [draws, parameters]. */
  add(chain: number, draws: NdArray<Float64Array>): void;
  /** Smallest effective size of a parameter; 0 until every chain has a few draws. */
  leastEss(): number;
  /** Draws of each chain on which that rests. */
  numDraws(): number;
  /** For the progress bar. */
  numbers(): ProgressNumbers;
}

/** Between two looks, which take a tenth of a second. */
const LOOK_MS = 5000;
/** Draws of every chain before the first look. */
const FEWEST_DRAWS = 20;

/** @param onLook  Hears of the smallest effective size whenever it was computed anew. */
export function liveConvergence(
  numChains: number,
  names: readonly string[],
  onLook: (leastEss: number) => void = () => {},
): LiveConvergence {
  const rows: number[][] = Array.from({ length: numChains }, () => []);
  let lastLook = performance.now();
  let latest = { ess: 0, rhat: Number.NaN, numDraws: 0 };

  function look(): void {
    const numDraws = Math.min(...rows.map((chain) => chain.length)) / names.length;
    if (numDraws < FEWEST_DRAWS) return;
    const data = Float64Array.from(rows.flatMap((chain) => chain.slice(0, numDraws * names.length)));
    const summary = summarizeChains({ shape: [numChains, numDraws, names.length], data }, { names });
    latest = {
      ess: leastEss(summary),
      rhat: largestRhat(summary),
      numDraws,
    };
    onLook(latest.ess);
  }

  return {
    add(chain, { data }) {
      for (const value of data) rows[chain]!.push(value);
      if (performance.now() - lastLook < LOOK_MS) return;
      look();
      lastLook = performance.now();
    },
    leastEss: () => latest.ess,
    numDraws: () => latest.numDraws,
    numbers: () => (latest.ess > 0 ? { ess: latest.ess, rhat: latest.rhat } : {}),
  };
}
