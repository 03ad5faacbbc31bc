import type { FloatArray, NdArray } from '@lensfield/contracts';
import { erfc } from '@lensfield/kernels';
import { checkArray, invalid } from '../_argument-checks.ts';
import { meanOf, sampleVariance } from '../_numerics/moments.ts';
import { sorted } from '../_numerics/order-statistics.ts';
import { essBulk } from './effective-sample-size.ts';

/** Divergent trajectories of one chain after warm-up. */
export interface DivergentTrajectories {
  /** The draw of each, counted from 0 after warm-up, shape [n]. */
  readonly draws: ArrayLike<number>;
  /** The parameters from which each set out, shape [n, d]. */
  readonly starts: NdArray<FloatArray>;
}

/** Where along one parameter trajectories diverged, compared with where the draws are. */
export interface DivergenceLocation {
  readonly name: string;
  /** Mean of the divergences less that of the draws, in standard deviations of the draws. */
  readonly offset: number;
  /** Stretches of the chains, each as long as the chain remembers, that hold a divergence. */
  readonly numVisits: number;
  /** Mean rank of the divergences among the draws, less one half, over its standard error. */
  readonly zScore: number;
  /** Two-sided, times the number of parameters (Bonferroni), at most 1. */
  readonly pValue: number;
  /** The end of the parameter where divergences gather, if the p-value is below 0.01. */
  readonly end?: 'low' | 'high';
}

/** Below it divergences are said to gather. */
const GATHERED = 0.01;

/**
 * Which parameters divergences point to: a trajectory diverges where the posterior is too curved for the step, such as in the neck of a funnel,
 * so divergences gather at one end of the parameter that narrows it. Divergences that lie where the draws lie point to none.
 *
 * The rank of a start among the draws is uniform if divergences happen anywhere. Neighbouring draws are alike and diverge together, so
 * that ranks are averaged over stretches of draws / ESS before they count: z = (mean rank - 1/2) sqrt(12 visits), which is at most standard
 * normal. Caught: the neck of a centred funnel; not caught: divergences at both ends of a parameter (test/divergence-locations.test.ts;
 * with chains, in `lensfield`).
 *
 * @param draws        Draws after warm-up, shape [chains, draws, d], at least 4 draws; d names.
 * @param divergences  One entry per chain.
 * @returns            One entry per parameter; none if nothing diverged.
 * @throws {InvalidArgumentError} if the shapes do not fit or a value is not finite.
 *
 * Source: the rank sum test of Wilcoxon (1945) in the limit of many draws, with blocks in place of single draws.
 */
export function divergenceLocations(
  draws: NdArray<FloatArray>,
  divergences: readonly DivergentTrajectories[],
  { names }: { readonly names: readonly string[] },
): DivergenceLocation[] {
  checkShapes(draws, divergences, names);
  if (divergences.every((chain) => chain.draws.length === 0)) return [];
  const [numChains, numDraws, dimension] = draws.shape;
  return names.map((name, column) => {
    const values = columnOf(draws.data, column, dimension);
    const memory = values.length / essBulk({ shape: [numChains, numDraws], data: values });
    return { name, ...locationOf(values, divergences, column, memory, dimension) };
  });
}

function locationOf(
  values: Float64Array,
  divergences: readonly DivergentTrajectories[],
  column: number,
  memory: number,
  numTests: number,
): Omit<DivergenceLocation, 'name'> {
  const starts = divergences.flatMap((chain) => Array.from(columnOf(chain.starts.data, column, numTests)));
  const visits = ranksOfVisits(sorted(values), divergences, column, memory);
  const zScore = (meanOf(Float64Array.from(visits)) - 0.5) * Math.sqrt(12 * visits.length);
  const pValue = Math.min(1, numTests * erfc(Math.abs(zScore) / Math.SQRT2));
  return {
    offset: (meanOf(Float64Array.from(starts)) - meanOf(values)) / Math.sqrt(sampleVariance(values)),
    numVisits: visits.length,
    zScore,
    pValue,
    ...(pValue < GATHERED && { end: zScore < 0 ? 'low' : 'high' }),
  };
}

/** The mean rank, from 0 to 1, of the divergences of each stretch of `memory` draws that has any. */
function ranksOfVisits(
  ordered: FloatArray,
  divergences: readonly DivergentTrajectories[],
  column: number,
  memory: number,
): number[] {
  return divergences.flatMap(({ draws, starts }) => {
    const dimension = starts.shape[1];
    const visits = new Map<number, number[]>();
    for (let i = 0; i < draws.length; i++) {
      const stretch = Math.floor(draws[i] / memory);
      const rank = rankAmong(ordered, starts.data[i * dimension + column]);
      visits.set(stretch, [...(visits.get(stretch) ?? []), rank]);
    }
    return Array.from(visits.values(), (ranks) => meanOf(Float64Array.from(ranks)));
  });
}

/** Share of the sorted values below `value`, of equal ones the half. */
function rankAmong(ordered: FloatArray, value: number): number {
  const below = countWhile(ordered, (other) => other < value);
  const upTo = countWhile(ordered, (other) => other <= value);
  return (below + upTo) / 2 / ordered.length;
}

/** How many of the first values satisfy what none after them does. */
function countWhile(ordered: FloatArray, holds: (value: number) => boolean): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(ordered[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

function columnOf(data: FloatArray, column: number, dimension: number): Float64Array {
  return Float64Array.from({ length: data.length / dimension }, (_, row) => data[row * dimension + column]);
}

function checkShapes(
  draws: NdArray<FloatArray>,
  divergences: readonly DivergentTrajectories[],
  names: readonly string[],
): void {
  const where = 'divergenceLocations';
  checkArray(draws, '[chains, draws, d]', { where, name: 'draws' });
  const [numChains, , dimension] = draws.shape;
  if (names.length !== dimension)
    throw invalid({ where, name: 'names' }, `name every parameter, ${dimension}`, `${names.length} names`);
  if (divergences.length !== numChains)
    throw invalid(
      { where, name: 'divergences' },
      `have one entry per chain, ${numChains}`,
      String(divergences.length),
    );
  divergences.forEach(({ draws: at, starts }, chain) => {
    const name = `divergences[${chain}].starts`;
    checkArray(starts, '[n, d]', { where, name });
    if (starts.shape[0] !== at.length || starts.shape[1] !== dimension) {
      throw invalid(
        { where, name },
        `have shape [${at.length}, ${dimension}]`,
        `[${starts.shape.join(', ')}]`,
      );
    }
  });
}
