import type { ManyLogDensities } from '@lensfield/hmc';
import { thetaOf } from '../direct-posterior.ts';
import type { JointPrior } from '../joint-prior.ts';
import { type EnsembleLikelihood, likelihoodEvaluator } from './likelihood-evaluator.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** Log density of posteriors in the prior's unconstrained coordinates, up to their evidence. Owns memory until `dispose`. */
export interface PosteriorDensity {
  /** Row i has the i-th row of the summaries. */
  readonly logDensities: ManyLogDensities;
  dispose(): void;
}

/**
 * log p(summaries | u) + log N(u; 0, I) for rows with an observation each; -Infinity outside the region of a truncated prior.
 *
 * @param summaries  Shape [rows, numSummaries], flat.
 */
export function posteriorDensity(
  prior: Pick<JointPrior, 'region' | 'names' | 'bounds' | 'fromUnconstrained'>,
  likelihood: EnsembleLikelihood,
  summaries: Float32Array,
  isCompiled = true,
): PosteriorDensity {
  const { dimension } = likelihood;
  const rows = summaries.length / likelihood.numSummaries;
  const evaluator = likelihoodEvaluator(likelihood, rows, isCompiled);
  return {
    logDensities(positions, logDensities, gradients) {
      const u = Float32Array.from(positions);
      evaluator.evaluate(u, summaries, logDensities, gradients);
      for (let i = 0; i < positions.length; i++) {
        logDensities[Math.floor(i / dimension)] -= positions[i] ** 2 / 2 + HALF_LOG_2PI;
        if (gradients) gradients[i] -= positions[i];
      }
      const inside = prior.region?.containsMany(
        thetaOf(prior as JointPrior, { shape: [rows, dimension], data: u }),
      );
      inside?.forEach((isInside, row) => {
        if (!isInside) logDensities[row] = -Infinity;
      });
    },
    dispose: evaluator.dispose,
  };
}

/** The same for any number of points of one observation, [n, d] to [n]. */
export interface PointDensity {
  evaluate(positions: Float64Array): Float64Array;
  dispose(): void;
}

/** Points that go through the network at once: enough to hide the cost of a call. */
const CHUNK = 1024;

/** Points from which a compiled density has paid. */
const COMPILED_FROM = 8192;

/** For as many points in all as `mostPoints`. */
export function pointDensity(
  prior: JointPrior,
  likelihood: EnsembleLikelihood,
  observation: Float32Array,
  mostPoints = Infinity,
): PointDensity {
  const { dimension } = likelihood;
  const rows = Math.min(CHUNK, mostPoints);
  const density = posteriorDensity(prior, likelihood, tile(observation, rows), mostPoints > COMPILED_FROM);
  return {
    evaluate(positions) {
      const n = positions.length / dimension;
      const out = new Float64Array(n);
      const [chunk, values] = [new Float64Array(rows * dimension), new Float64Array(rows)];
      for (let start = 0; start < n; start += rows) {
        const size = Math.min(rows, n - start);
        chunk.set(positions.subarray(start * dimension, (start + size) * dimension));
        density.logDensities(chunk, values);
        out.set(values.subarray(0, size), start);
      }
      return out;
    },
    dispose: density.dispose,
  };
}

/** A row repeated. */
export function tile(row: Float32Array, times: number): Float32Array {
  const out = new Float32Array(row.length * times);
  for (let i = 0; i < times; i++) out.set(row, i * row.length);
  return out;
}
