import type { NdArray } from '@lensfield/contracts';
import {
  type DivergenceLocation,
  type DivergentTrajectories,
  divergenceLocations,
} from '@lensfield/diagnostics';
import type { Divergences } from '@lensfield/hmc';
import type { JointPrior } from '@lensfield/sbi';

/**
 * Where among the parameters trajectories diverged after warm-up; empty if none did.
 *
 * @param chains       Parameters of the draws, [chains, draws, parameters].
 * @param divergences  Of each chain, their starts in the prior's unconstrained coordinates.
 */
export function locateDivergences(
  prior: JointPrior,
  chains: NdArray<Float64Array>,
  divergences: readonly Divergences[],
  numWarmup: number,
): DivergenceLocation[] {
  const trajectories = divergences.map((chain) => afterWarmup(prior, chain, numWarmup));
  return divergenceLocations(chains, trajectories, { names: prior.names });
}

function afterWarmup(
  prior: JointPrior,
  { draws, starts }: Divergences,
  numWarmup: number,
): DivergentTrajectories {
  const size = prior.names.length;
  const rows = Array.from(draws.keys()).filter((row) => draws[row]! >= numWarmup);
  const theta = rows.flatMap((row) =>
    Array.from(prior.fromUnconstrained(starts.data.subarray(row * size, (row + 1) * size)).theta),
  );
  return {
    draws: rows.map((row) => draws[row]! - numWarmup),
    starts: { shape: [rows.length, size], data: Float64Array.from(theta) },
  };
}
