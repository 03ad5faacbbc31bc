import type { NdArray } from '@lensfield/contracts';
import { NumericalError } from '@lensfield/kernels';
import { createBuffers } from '../buffers.ts';
import { type LognormalModel, observedFields } from '../lognormal-model.ts';
import { surveyFieldEngine, varianceOf } from '../survey-field-engine.ts';
import { createLatentPosterior } from './latent-posterior.ts';
import { createQuasiNewton } from './quasi-newton.ts';

export interface MarginalScoreOptions {
  readonly model: LognormalModel;
  /** Where the score is taken: all six parameters. */
  readonly theta: Float64Array;
  /** The search for the latents ends when a step promises to raise their log density by less than half of this, in nats. Default 0.1. */
  readonly tolerance?: number;
  /** Steps of the search at most. Default 20. */
  readonly maxIterations?: number;
}

export interface MarginalScoreOfMap {
  /** Gradient in theta at the most probable latents, [6]. */
  readonly score: Float64Array;
  /** The most probable latents [bins, mapSize, mapSize]; a buffer, valid until the next call. */
  readonly latents: Float32Array;
  /** Whether the search reached its tolerance. */
  readonly isConverged: boolean;
  readonly numGradients: number;
}

/** The score of maps at one point of parameter space; owns its buffers. */
export interface MarginalScore {
  readonly theta: Float64Array;
  /**
   * @param map  [mapSize, mapSize, bins], with its noise.
   * @throws {InvalidArgumentError} if the map has the wrong shape or is not finite.
   * @throws {NumericalError} if the score is not finite.
   */
  evaluate(map: NdArray<Float32Array>): MarginalScoreOfMap;
  /** Gives the buffers back; the model stays. */
  dispose(): void;
}

/**
 * The gradient of log p(map, z | theta) in theta at the latents z that are most probable given the map: six numbers that stand for the
 * score d log p(map | theta) / d theta of the whole field. In a Gaussian model they are that score up to a constant, and so sufficient near
 * `theta`; in a log-normal one nearly so (README). As a summary they cost some ten gradients in z a map and no simulation.
 *
 * Latents are found by quasi-Newton steps in Fourier space around the covariance that the linear model gives each mode (the Wiener
 * filter). The same map and `theta` give the same bytes on a backend for any number of threads.
 *
 * Accuracy: score and latents are those of a float64 twin at the maximum (test/marginal-score.test.ts).
 * Source: Millea & Seljak (2022), Phys. Rev. D 105, 103531 (arXiv 2112.09354), equation 7.
 *
 * @throws {InvalidArgumentError} if `theta` describes no universe.
 */
export function createMarginalScore(options: MarginalScoreOptions): MarginalScore {
  const { model, tolerance = 0.1, maxIterations = 20 } = options;
  const { kernels, survey, numBins, noiseStandardDeviations: noise } = model;
  const theta = options.theta.slice();
  const engine = surveyFieldEngine(survey, model.parity, kernels);
  const parameters = engine.setTheta(theta);
  const buffers = createBuffers(kernels);
  const field = { kernels, buffers, mapSize: survey.mapSize, numBins, lanes: parameters.lanes, noise };
  const posterior = createLatentPosterior({ ...field, variance: varianceOf(model.parity) }, parameters);
  const maximise = createQuasiNewton(kernels, buffers, posterior);
  const modes = buffers.float32(posterior.length);
  return {
    theta,
    evaluate(map) {
      observedFields(model, map, posterior.data);
      modes.fill(0);
      const search = maximise(modes, { tolerance: tolerance * posterior.nat, maxIterations });
      posterior.toLatents(modes, engine.latents);
      const score = new Float64Array(theta.length);
      engine.logLikelihoodAtTheta(posterior.data, score);
      requireFinite(score);
      return {
        score,
        latents: engine.latents,
        isConverged: search.isConverged,
        numGradients: search.numGradients,
      };
    },
    dispose() {
      engine.dispose();
      buffers.release();
    },
  };
}

function requireFinite(score: Float64Array): void {
  if (score.every(Number.isFinite)) return;
  throw new NumericalError(
    'score',
    `lognormal.marginalScore: score must be finite; got (${score.join(', ')}). The map may be far from anything that theta makes: take the score nearer to it.`,
  );
}
