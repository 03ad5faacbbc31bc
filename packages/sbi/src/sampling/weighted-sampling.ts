import type { Key } from '@lensfield/contracts';
import { foldIn, NumericalError, uniformFloat64 } from '@lensfield/kernels';
import { adaptedDraws, type PointDensities, resample, weightedDraws } from './importance.ts';
import { reportOfWeights, type SamplingReport } from './sampling-report.ts';
import type { StudentProposal } from './student-proposal.ts';

/** Draws of u [n, d], flat, and what they are worth. */
export interface UnconstrainedDraws {
  readonly u: Float64Array;
  readonly report: SamplingReport;
}

/** Weighted draws for each draw that is wanted, and at least. */
const OVERSAMPLING = 5;
const LEAST_WEIGHTED = 5000;

/** Counts the points that a density is evaluated at. */
function counted(density: PointDensities): { density: PointDensities; evaluations(): number } {
  let evaluations = 0;
  return {
    density(points) {
      const values = density(points);
      evaluations += values.length;
      return values;
    },
    evaluations: () => evaluations,
  };
}

/** Importance resampling. The effective size is of the weights, at most the number of draws. */
export function importanceDraws(
  key: Key,
  target: PointDensities,
  start: StudentProposal,
  n: number,
): UnconstrainedDraws {
  const { density, evaluations } = counted(target);
  const draws = adaptedDraws(density, start, key, Math.max(LEAST_WEIGHTED, OVERSAMPLING * n));
  requireMass(draws.effectiveSampleSize);
  const size = Math.min(n, draws.effectiveSampleSize);
  const share = draws.effectiveSampleSize / draws.logWeights.length;
  return {
    u: resample(foldIn(key, 2), draws, n),
    report: reportOfWeights('importance', size, share, evaluations()),
  };
}

/** What the bound is above the largest weight of the pilot, in the logarithm; rounds of candidates without an end that are an error. */
const MARGIN = 0.2;
const CANDIDATES = 8192;
const MOST_ROUNDS = 1000;

/** Rejection sampling under a bound that a pilot finds; draws above it are counted. */
export function rejectionDraws(
  key: Key,
  target: PointDensities,
  start: StudentProposal,
  n: number,
): UnconstrainedDraws {
  const { density, evaluations } = counted(target);
  const { proposal, ...pilot } = adaptedDraws(density, start, key, LEAST_WEIGHTED);
  requireMass(pilot.effectiveSampleSize);
  const bound = MARGIN + pilot.logWeights.reduce((most, value) => Math.max(most, value), -Infinity);
  const size = proposal.centre.length;
  const u = new Float64Array(n * size);
  let [filled, tried, exceeded] = [0, 0, 0];
  for (let round = 0; filled < n; round++) {
    if (round === MOST_ROUNDS) throw noMass(filled);
    const { points, logWeights } = weightedDraws(density, proposal, foldIn(key, 2 + 2 * round), CANDIDATES);
    const heights = uniformFloat64(foldIn(key, 3 + 2 * round), CANDIDATES);
    for (let i = 0; i < CANDIDATES && filled < n; i++) {
      tried++;
      if (Math.log(heights[i]) >= logWeights[i] - bound) continue;
      if (logWeights[i] > bound) exceeded++;
      u.set(points.subarray(i * size, (i + 1) * size), size * filled++);
    }
  }
  return { u, report: reportOfWeights('rejection', n, n / tried, evaluations(), exceeded) };
}

function requireMass(effectiveSampleSize: number): void {
  if (!(effectiveSampleSize > 0)) throw noMass(0);
}

function noMass(found: number): NumericalError {
  return new NumericalError(
    'logDensity',
    `sbi.sample: the posterior must have mass where the fitted proposal has; it gave ${found} draws. Use method 'nuts', or check that the observation is like the simulations.`,
  );
}
