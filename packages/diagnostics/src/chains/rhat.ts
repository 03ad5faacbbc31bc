import type { FloatArray, NdArray } from '@lensfield/contracts';
import { meanOf, sampleVariance } from '../_numerics/moments.ts';
import { quantileOfSorted, sorted } from '../_numerics/order-statistics.ts';
import { type Chains, chainsOf, mapChains, pooled, rankNormalized, splitChains } from './_chains.ts';

/**
 * Rank-normalised split R-hat: 1 when the chains agree; mistrust them above 1.01. The larger of the bulk value (do the halves of the
 * chains agree in location?) and the folded one (in spread?).
 *
 * @param draws  Shape [chains, draws], at least 4 draws; one chain is judged by its halves.
 * @returns      NaN if all draws are the same: there is nothing to compare.
 * @throws {InvalidArgumentError} if the shape is another or a draw is not finite.
 *
 * Accuracy: 1e-9 of ArviZ 1.3.0 (test/arviz.test.ts).
 * Source: Vehtari et al. (2021), equations 1 to 4 and 14.  Differs from it in: nothing.
 */
export function rhat(draws: NdArray<FloatArray>): number {
  const split = splitChains(chainsOf(draws, 'rhat'));
  const median = quantileOfSorted(sorted(pooled(split)), 0.5);
  const folded = mapChains(split, (value) => Math.abs(value - median));
  return Math.max(
    potentialScaleReduction(rankNormalized(split)),
    potentialScaleReduction(rankNormalized(folded)),
  );
}

function potentialScaleReduction(chains: Chains): number {
  const numDraws = chains[0].length;
  const between = numDraws * sampleVariance(Float64Array.from(chains, meanOf));
  const within = meanOf(Float64Array.from(chains, sampleVariance));
  return Math.sqrt((between / within + numDraws - 1) / numDraws);
}
