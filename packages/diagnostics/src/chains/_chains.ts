import type { FloatArray, NdArray } from '@lensfield/contracts';
import { normalQuantile } from '@lensfield/kernels';
import { checkArray, invalid } from '../_argument-checks.ts';
import { averageRanks } from '../_numerics/order-statistics.ts';

/** Draws of one quantity, one array per chain, all of one length. */
export type Chains = readonly Float64Array[];

/** Checks draws of shape [chains, draws] and gives them as one array per chain. */
export function chainsOf(draws: NdArray<FloatArray>, where: string): Chains {
  const argument = { where, name: 'draws' };
  checkArray(draws, '[chains, draws]', argument);
  const [numChains, numDraws] = draws.shape;
  if (numChains < 1 || numDraws < 4) {
    throw invalid(
      argument,
      'have at least 1 chain of 4 draws',
      `[${numChains}, ${numDraws}]`,
      'Draw longer.',
    );
  }
  const values = Float64Array.from(draws.data);
  return Array.from({ length: numChains }, (_, i) => values.subarray(i * numDraws, (i + 1) * numDraws));
}

/** First and last half of every chain; an odd length loses its middle draw. */
export function splitChains(chains: Chains): Chains {
  const half = Math.floor(chains[0].length / 2);
  return chains.flatMap((chain) => [chain.subarray(0, half), chain.subarray(chain.length - half)]);
}

export function pooled(chains: Chains): Float64Array {
  const length = chains[0].length;
  const all = new Float64Array(chains.length * length);
  for (const [i, chain] of chains.entries()) all.set(chain, i * length);
  return all;
}

export const mapChains = (chains: Chains, f: (value: number) => number): Chains =>
  chains.map((chain) => chain.map(f));

/** Normal scores of the average ranks over all chains: Phi^-1((r - 3/8) / (S + 1/4)), Vehtari et al. 2021, equation 14. */
export function rankNormalized(chains: Chains): Chains {
  const ranks = averageRanks(pooled(chains));
  const length = chains[0].length;
  const scores = ranks.map((rank) => normalQuantile((rank - 0.375) / (ranks.length + 0.25)));
  return chains.map((_, i) => scores.subarray(i * length, (i + 1) * length));
}
