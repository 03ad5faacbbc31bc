import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, NumericalError } from '@lensfield/kernels';
import type { DirectPosterior } from './direct-posterior.ts';
import type { JointPrior, PriorRegion } from './joint-prior.ts';

/** What a region is made from: draws, and densities that rank them. */
export type RankingPosterior = Pick<DirectPosterior, 'sample' | 'logProbMany'>;

export interface TruncationOptions {
  readonly key: Key;
  readonly prior: JointPrior;
  /** The posterior of an earlier round, for the observation that the next round is about. */
  readonly posterior: RankingPosterior;
  /** Share of that posterior that the region keeps. Default 0.999. */
  readonly posteriorMass?: number;
  /** Posterior draws that set the edge of the region. Default 20 000. */
  readonly numDraws?: number;
}

/** Prior draws tried at once, and how many rounds of them without a single hit are an error. */
const TRIED_AT_ONCE = 8192;
const MAX_EMPTY_ROUNDS = 50;

/**
 * The prior cut to the region of highest posterior density that holds nearly all of a posterior: where the next round of
 * simulations is worth making. Inside, it is the same prior up to a constant, so posteriors of the next round need no
 * correction; what an estimator puts outside is cut off and reported as its leaked fraction. A truncated prior may be truncated
 * again.
 *
 * The density that ranks the points is the posterior's over the prior's, so the region does not depend on the choice of
 * parameters.
 *
 * Source: Deistler, Goncalves & Macke (2022), arXiv 2210.04815, algorithm 1. Differs: the density ratio in place of the density.
 *
 * @throws {InvalidArgumentError} if `posteriorMass` is not in (0, 1).
 * @throws {NumericalError} if the prior has no draw in the region.
 */
export function truncatePrior(options: TruncationOptions): JointPrior {
  const { key, prior, posterior, posteriorMass = 0.999, numDraws = 20_000 } = options;
  if (!(posteriorMass > 0 && posteriorMass < 1)) {
    throw new InvalidArgumentError(
      'posteriorMass',
      `sbi.truncatePrior: posteriorMass must be between 0 and 1; got ${posteriorMass}.`,
    );
  }
  const whole = prior.region?.whole ?? prior;
  const draws = posterior.sample(foldIn(key, 0), numDraws);
  const ratios = logRatios(whole, posterior, draws).sort();
  const threshold = ratios[Math.floor((1 - posteriorMass) * numDraws)];
  const containsMany = (theta: NdArray<FloatArray>): boolean[] => {
    const before = prior.region?.containsMany(theta);
    return Array.from(
      logRatios(whole, posterior, theta),
      (ratio, row) => ratio >= threshold && before?.[row] !== false,
    );
  };
  const share = shareInside(prior, containsMany, foldIn(key, 1));
  const region = { containsMany, mass: share * (prior.region?.mass ?? 1), whole };
  const logMass = Math.log(region.mass);
  return {
    ...prior,
    region,
    sample: (sampleKey, n) => sampleInside(prior, region, sampleKey, n),
    logProb(theta) {
      const [isInside] = containsMany({ shape: [1, theta.length], data: theta });
      return isInside ? whole.logProb(theta) - logMass : -Infinity;
    },
  };
}

/** log posterior - log prior of rows; -Infinity outside the posterior's support. */
function logRatios(whole: JointPrior, posterior: RankingPosterior, theta: NdArray<FloatArray>): Float64Array {
  const size = whole.names.length;
  return posterior.logProbMany(theta).map((logProb, row) => {
    if (logProb === -Infinity) return logProb;
    const point = Float64Array.from(theta.data.subarray(row * size, (row + 1) * size));
    return logProb - whole.logProb(point);
  });
}

function shareInside(prior: JointPrior, containsMany: PriorRegion['containsMany'], key: Key): number {
  let hits = 0;
  for (let round = 0; round < MAX_EMPTY_ROUNDS; round++) {
    const inside = containsMany(prior.sample(foldIn(key, round), TRIED_AT_ONCE));
    hits += inside.filter(Boolean).length;
    // A hundred hits give the share to a tenth, which is all that it is used for.
    if (hits >= 100) return hits / (TRIED_AT_ONCE * (round + 1));
  }
  if (hits > 0) return hits / (TRIED_AT_ONCE * MAX_EMPTY_ROUNDS);
  throw noDraw();
}

function sampleInside(prior: JointPrior, region: PriorRegion, key: Key, n: number): NdArray<Float64Array> {
  const size = prior.names.length;
  const data = new Float64Array(n * size);
  let filled = 0;
  for (let round = 0, empty = 0; filled < n; round++) {
    const tried = prior.sample(foldIn(key, round), TRIED_AT_ONCE);
    const before = filled;
    region.containsMany(tried).forEach((isInside, row) => {
      if (!isInside || filled === n) return;
      data.set(tried.data.subarray(row * size, (row + 1) * size), size * filled++);
    });
    empty = filled > before ? 0 : empty + 1;
    if (empty === MAX_EMPTY_ROUNDS) throw noDraw();
  }
  return { shape: [n, size], data };
}

function noDraw(): NumericalError {
  return new NumericalError(
    'mass',
    `sbi.truncatePrior: the region must hold some of the prior; none of ${MAX_EMPTY_ROUNDS * TRIED_AT_ONCE} draws is inside. Check that the observation is like the simulations.`,
  );
}
