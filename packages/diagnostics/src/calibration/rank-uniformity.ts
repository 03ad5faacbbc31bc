import type { Key } from '@lensfield/contracts';
import { randomIntegers, splitKey } from '@lensfield/kernels';
import { checkWholeNumber, invalid } from '../_argument-checks.ts';
import { binomialCdf, chiSquareSurvival } from '../_numerics/distributions.ts';
import { quantileOfSorted, sorted } from '../_numerics/order-statistics.ts';
import { checkRanks } from './_ranks.ts';

export interface RankUniformityOptions {
  /** Ranks run from 0 to numDraws. */
  readonly numDraws: number;
  /** For the simulated band. */
  readonly key: Key;
  /** Bins of the chi-square test; default at most 20, with at least 5 ranks expected in each. */
  readonly numBins?: number;
  /** Probability that uniform ranks stay within the band everywhere; default 0.95. */
  readonly level?: number;
  /** Sets of uniform ranks behind the band and its p-value; default 1000. */
  readonly numSimulatedSets?: number;
}

export interface RankUniformity {
  /** Ranks in each bin, and how many uniform ranks are expected there. */
  readonly histogram: { readonly counts: Float64Array; readonly expected: Float64Array };
  readonly chiSquare: number;
  /** Probability of a larger chi-square from uniform ranks, numBins - 1 degrees of freedom. */
  readonly chiSquarePValue: number;
  /** Share of ranks up to each point of [0, 1], with the simultaneous band of uniform ranks. */
  readonly ecdf: {
    readonly points: Float64Array;
    readonly values: Float64Array;
    readonly low: Float64Array;
    readonly high: Float64Array;
    /** Probability that uniform ranks leave narrower bands than these ranks do; at least 1 / (numSimulatedSets + 1). */
    readonly pValue: number;
    readonly isInside: boolean;
  };
}

const MAX_POINTS = 100;
const MAX_BINS = 20;
/** The usual least expected count for which the chi-square law holds. */
const MIN_EXPECTED = 5;

/**
 * Are ranks uniform on 0 ... numDraws? By a chi-square test, and by the empirical distribution function with a band that uniform ranks
 * leave nowhere with probability `level`.
 *
 * @param ranks  One rank per simulation.
 * @throws {InvalidArgumentError} if a rank is outside 0 ... numDraws, or there are too few for two bins.
 *
 * Accuracy: both p-values uniform for uniform ranks (test/sbc.test.ts).
 * Source of the band: Saeilynoja, Buerkner & Vehtari (2022), section 2.2 (by simulation).
 */
export function rankUniformity(ranks: Int32Array, options: RankUniformityOptions): RankUniformity {
  const { numDraws, key, level = 0.95, numSimulatedSets = 1000 } = options;
  const where = 'rankUniformity';
  checkWholeNumber(numDraws, 1, { where, name: 'numDraws' });
  checkWholeNumber(numSimulatedSets, 1, { where, name: 'numSimulatedSets' });
  if (!(level > 0 && level < 1)) throw invalid({ where, name: 'level' }, 'be between 0 and 1', String(level));
  checkRanks(ranks, numDraws, where);
  const numBins =
    options.numBins ?? Math.min(MAX_BINS, numDraws + 1, Math.floor(ranks.length / MIN_EXPECTED));
  checkWholeNumber(numBins, 2, {
    where,
    name: options.numBins === undefined ? 'ranks.length / 5' : 'numBins',
  });
  return {
    ...chiSquareTest(ranks, numDraws, numBins),
    ecdf: ecdfTest(ranks, numDraws, key, level, numSimulatedSets),
  };
}

function chiSquareTest(ranks: Int32Array, numDraws: number, numBins: number): Omit<RankUniformity, 'ecdf'> {
  const binOf = (rank: number) => Math.floor((rank * numBins) / (numDraws + 1));
  const counts = new Float64Array(numBins);
  const expected = new Float64Array(numBins);
  for (const rank of ranks) counts[binOf(rank)]++;
  for (let rank = 0; rank <= numDraws; rank++) expected[binOf(rank)] += ranks.length / (numDraws + 1);
  const chiSquare = counts.reduce((sum, count, i) => sum + (count - expected[i]) ** 2 / expected[i], 0);
  return {
    histogram: { counts, expected },
    chiSquare,
    chiSquarePValue: chiSquareSurvival(chiSquare, numBins - 1),
  };
}

function ecdfTest(
  ranks: Int32Array,
  numDraws: number,
  key: Key,
  level: number,
  numSimulatedSets: number,
): RankUniformity['ecdf'] {
  const n = ranks.length;
  // Ranks up to and including `limits`; the last one, numDraws, holds all ranks and says nothing.
  const numPoints = Math.min(MAX_POINTS, numDraws);
  const limits = Int32Array.from({ length: numPoints }, (_, i) => Math.floor((i * numDraws) / numPoints));
  const cdfs = Array.from(limits, (limit) => binomialCdf(n, (limit + 1) / (numDraws + 1)));
  const depthOf = (set: Int32Array) => smallestTail(countsUpTo(set, limits, numDraws), cdfs);
  const depths = Float64Array.from(splitKey(key, numSimulatedSets), (setKey) =>
    depthOf(randomIntegers(setKey, n, { min: 0, max: numDraws + 1 })),
  );
  const observed = depthOf(ranks);
  const gamma = quantileOfSorted(sorted(depths), 1 - level);
  const numDeeper = depths.reduce((count, depth) => count + (depth <= observed ? 1 : 0), 0);
  return {
    points: Float64Array.from(limits, (limit) => (limit + 1) / (numDraws + 1)),
    values: Float64Array.from(countsUpTo(ranks, limits, numDraws), (count) => count / n),
    low: Float64Array.from(cdfs, (cdf) => cdf.findIndex((p) => 2 * p >= gamma) / n),
    high: Float64Array.from(
      cdfs,
      (cdf) => cdf.findLastIndex((_, k) => 2 * (k > 0 ? 1 - cdf[k - 1] : 1) >= gamma) / n,
    ),
    pValue: (numDeeper + 1) / (numSimulatedSets + 1),
    isInside: observed >= gamma,
  };
}

function countsUpTo(ranks: Int32Array, limits: Int32Array, numDraws: number): Int32Array {
  const cumulative = new Int32Array(numDraws + 1);
  for (const rank of ranks) cumulative[rank]++;
  for (let rank = 1; rank <= numDraws; rank++) cumulative[rank] += cumulative[rank - 1];
  return limits.map((limit) => cumulative[limit]);
}

/** The two-sided binomial tail probability of the most unlikely of the counts. */
function smallestTail(counts: Int32Array, cdfs: readonly Float64Array[]): number {
  let smallest = 1;
  for (let i = 0; i < counts.length; i++) {
    const upTo = cdfs[i][counts[i]];
    const from = counts[i] > 0 ? 1 - cdfs[i][counts[i] - 1] : 1;
    smallest = Math.min(smallest, 2 * upTo, 2 * from);
  }
  return smallest;
}
