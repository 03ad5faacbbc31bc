import type { FloatArray, NdArray } from '@lensfield/contracts';
import { invalid } from '../_argument-checks.ts';
import { meanOf, sampleVariance } from '../_numerics/moments.ts';
import { quantileOfSorted, sorted } from '../_numerics/order-statistics.ts';
import { type Chains, chainsOf, mapChains, pooled, rankNormalized, splitChains } from './_chains.ts';
import { autocovariance } from './autocovariance.ts';

/** Draws whose range is below this are constant: every draw counts (the limit of ArviZ, NumPy's float64 resolution). */
const CONSTANT_RANGE = 1e-15;

/**
 * Bulk effective sample size: how many independent draws tell as much about the centre of the distribution.
 *
 * @param draws  Shape [chains, draws], at least 4 draws.
 * @throws {InvalidArgumentError} if the shape is another or a draw is not finite.
 *
 * Accuracy: 1e-9 relative of ArviZ 1.3.0 (test/arviz.test.ts); so for every function of this file.
 * Source: Vehtari et al. (2021), section 3 and 4.1.  Differs from it in: as ArviZ, at most S log10 S.
 */
export function essBulk(draws: NdArray<FloatArray>): number {
  return effectiveSampleSize(rankNormalized(splitChains(chainsOf(draws, 'essBulk'))));
}

/** Tail effective sample size: the smaller of those of the 5 % and 95 % quantiles. `draws` as in {@link essBulk}. */
export function essTail(draws: NdArray<FloatArray>): number {
  const chains = chainsOf(draws, 'essTail');
  return Math.min(quantileSampleSize(chains, 0.05), quantileSampleSize(chains, 0.95));
}

/** Effective sample size for the mean. `draws` as in {@link essBulk}. */
export function essMean(draws: NdArray<FloatArray>): number {
  return effectiveSampleSize(splitChains(chainsOf(draws, 'essMean')));
}

/** Effective sample size for the standard deviation: that of the squared deviations. `draws` as in {@link essBulk}. */
export function essSd(draws: NdArray<FloatArray>): number {
  return deviationSampleSize(chainsOf(draws, 'essSd'));
}

/** Effective sample size for a quantile, 0 < `probability` < 1. `draws` as in {@link essBulk}. */
export function essQuantile(draws: NdArray<FloatArray>, probability: number): number {
  checkProbability(probability, 'essQuantile');
  return quantileSampleSize(chainsOf(draws, 'essQuantile'), probability);
}

export function checkProbability(probability: number, where: string): void {
  if (!(probability > 0 && probability < 1)) {
    throw invalid({ where, name: 'probability' }, 'be between 0 and 1', String(probability));
  }
}

export function deviationSampleSize(chains: Chains): number {
  const mean = meanOf(pooled(chains));
  return effectiveSampleSize(splitChains(mapChains(chains, (value) => (value - mean) ** 2)));
}

/** That of the indicator of being at most the quantile; the quantile is of all draws, before the split. */
export function quantileSampleSize(chains: Chains, probability: number): number {
  const quantile = quantileOfSorted(sorted(pooled(chains)), probability);
  return effectiveSampleSize(splitChains(mapChains(chains, (value) => (value <= quantile ? 1 : 0))));
}

/** S / tau of chains as they are, equations 10 to 13 of Vehtari et al. (2021). */
export function effectiveSampleSize(chains: Chains): number {
  const all = pooled(chains);
  const extremes = sorted(all);
  if (extremes[all.length - 1] - extremes[0] < CONSTANT_RANGE) return all.length;
  const numDraws = chains[0].length;
  const covariances = chains.map(autocovariance);
  const meanCovariance = (lag: number) => covariances.reduce((sum, c) => sum + c[lag], 0) / chains.length;
  const within = (meanCovariance(0) * numDraws) / (numDraws - 1);
  const between = chains.length > 1 ? sampleVariance(Float64Array.from(chains, meanOf)) : 0;
  const variance = meanCovariance(0) + between;
  const tau = integratedTime((lag) => 1 - (within - meanCovariance(lag)) / variance, numDraws);
  return all.length / Math.max(tau, 1 / Math.log10(all.length));
}

/** The integrated autocorrelation time: Geyer's initial positive, then monotone sequence of sums of two lags. */
function integratedTime(correlation: (lag: number) => number, numDraws: number): number {
  const kept = new Float64Array(numDraws);
  let even = 1;
  let odd = correlation(1);
  kept[0] = even;
  kept[1] = odd;
  let t = 1;
  for (; t < numDraws - 3 && even + odd > 0; t += 2) {
    even = correlation(t + 1);
    odd = correlation(t + 2);
    if (even + odd >= 0) {
      kept[t + 1] = even;
      kept[t + 2] = odd;
    }
  }
  const last = t - 2;
  // The first even lag beyond the sequence lowers the bias for antithetic chains.
  if (even > 0) kept[last + 1] = even;
  for (let lag = 1; lag <= last - 2; lag += 2) {
    const before = kept[lag - 1] + kept[lag];
    if (kept[lag + 1] + kept[lag + 2] > before) {
      kept[lag + 1] = before / 2;
      kept[lag + 2] = before / 2;
    }
  }
  let sum = 0;
  for (let lag = 0; lag <= last; lag++) sum += kept[lag];
  return -1 + 2 * sum + (last + 1 < numDraws ? kept[last + 1] : 0);
}
