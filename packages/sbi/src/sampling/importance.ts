import type { Key } from '@lensfield/contracts';
import { cholesky, foldIn, uniformFloat64 } from '@lensfield/kernels';
import { drawStudent, type StudentProposal } from './student-proposal.ts';

/** Points of a proposal with their weights. */
export interface WeightedDraws {
  /** Shape [n, d], flat. */
  readonly points: Float64Array;
  /** log of density over proposal. */
  readonly logWeights: Float64Array;
  /** (sum w)^2 / sum w^2. */
  readonly effectiveSampleSize: number;
  /** log of the mean weight: of the density's integral. */
  readonly logEvidence: number;
  /** Standard error of `logEvidence`. */
  readonly standardError: number;
}

/** Log densities of points [n, d]; -Infinity where there is none. */
export type PointDensities = (points: Float64Array) => Float64Array;

/** Points of a step of adaptation, how many steps, and the share of effective draws that is good enough. */
const ADAPTATION_DRAWS = 2048;
const MOST_STEPS = 10;
const GOOD_SHARE = 0.6;

/** Effective draws for each number of the proposal that a step must leave: weights are flattened until there are as many. */
const LEAST_DRAWS_PER_DIMENSION = 10;

/**
 * A Student t proposal that fits a density: drawn from, weighted, fitted to its own weighted draws, again and again. While weights are
 * uneven their power is taken, so that a first guess far off is left step by step.
 *
 * Source: Cappe et al. (2004), "Population Monte Carlo"; tempered weights as in Koblents & Miguez (2015).
 */
export function adaptProposal(density: PointDensities, start: StudentProposal, key: Key): StudentProposal {
  let proposal = start;
  let [best, bestSize] = [start, 0];
  for (let step = 0; step < MOST_STEPS; step++) {
    const draws = weightedDraws(density, proposal, foldIn(key, step), ADAPTATION_DRAWS);
    if (draws.effectiveSampleSize > bestSize) [best, bestSize] = [proposal, draws.effectiveSampleSize];
    if (bestSize > GOOD_SHARE * ADAPTATION_DRAWS) break;
    proposal = fitted(draws, proposal);
  }
  return best;
}

/** Adapts a proposal and draws from it, with two folds of the key. */
export function adaptedDraws(
  density: PointDensities,
  start: StudentProposal,
  key: Key,
  n: number,
): WeightedDraws & { readonly proposal: StudentProposal } {
  const proposal = adaptProposal(density, start, foldIn(key, 0));
  return { proposal, ...weightedDraws(density, proposal, foldIn(key, 1), n) };
}

/** Weighted draws of a proposal. */
export function weightedDraws(
  density: PointDensities,
  proposal: StudentProposal,
  key: Key,
  n: number,
): WeightedDraws {
  const { points, logProb } = drawStudent(key, proposal, n);
  const logWeights = density(points).map((value, i) =>
    Number.isNaN(value) ? -Infinity : value - logProb[i],
  );
  const { largest, sum, squares } = sums(logWeights, 1);
  const effectiveSampleSize = squares > 0 ? (sum * sum) / squares : 0;
  return {
    points,
    logWeights,
    effectiveSampleSize,
    logEvidence: largest + Math.log(sum / n),
    standardError: Math.sqrt(Math.max(0, 1 / effectiveSampleSize - 1 / n)),
  };
}

/** `count` of the points, each as often as its weight asks, by one random offset. Source: Kitagawa (1996), systematic resampling. */
export function resample(key: Key, { points, logWeights }: WeightedDraws, count: number): Float64Array {
  const size = points.length / logWeights.length;
  const { largest, sum } = sums(logWeights, 1);
  const [offset] = uniformFloat64(key, 1);
  const out = new Float64Array(count * size);
  let [row, below] = [0, 0];
  for (let i = 0; i < count; i++) {
    const goal = ((i + offset) / count) * sum;
    while (row < logWeights.length - 1 && below + Math.exp(logWeights[row] - largest) <= goal) {
      below += Math.exp(logWeights[row++] - largest);
    }
    out.set(points.subarray(row * size, (row + 1) * size), i * size);
  }
  return out;
}

function sums(logWeights: Float64Array, power: number) {
  const largest = logWeights.reduce((most, value) => Math.max(most, value), -Infinity);
  let [sum, squares] = [0, 0];
  if (largest === -Infinity) return { largest, sum, squares };
  for (const value of logWeights) {
    const weight = Math.exp(power * (value - largest));
    sum += weight;
    squares += weight * weight;
  }
  return { largest, sum, squares };
}

/** The largest power of the weights, at most 1, that leaves enough effective draws. */
function temperature(logWeights: Float64Array, enough: number): number {
  const sizeAt = (power: number) => {
    const { sum, squares } = sums(logWeights, power);
    return (sum * sum) / squares;
  };
  if (sizeAt(1) >= enough) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (sizeAt(middle) >= enough) low = middle;
    else high = middle;
  }
  return low;
}

/** The proposal with mean and covariance of the weighted draws; the one before where these have none. */
function fitted({ points, logWeights }: WeightedDraws, before: StudentProposal): StudentProposal {
  const size = before.centre.length;
  const power = temperature(logWeights, LEAST_DRAWS_PER_DIMENSION * size);
  const { largest, sum } = sums(logWeights, power);
  if (!(sum > 0)) return before;
  const weights = logWeights.map((value) => Math.exp(power * (value - largest)) / sum);
  const centre = new Float64Array(size);
  const covariance = new Float64Array(size * size);
  points.forEach((value, at) => {
    centre[at % size] += weights[Math.floor(at / size)] * value;
  });
  weights.forEach((weight, row) => {
    if (weight === 0) return;
    for (let i = 0; i < size; i++) {
      const deviation = points[row * size + i] - centre[i];
      for (let j = 0; j < size; j++)
        covariance[i * size + j] += weight * deviation * (points[row * size + j] - centre[j]);
    }
  });
  for (let i = 0; i < size; i++) covariance[i * (size + 1)] = covariance[i * (size + 1)] * (1 + 1e-6) + 1e-12;
  return { centre, factor: cholesky(covariance, size) };
}
