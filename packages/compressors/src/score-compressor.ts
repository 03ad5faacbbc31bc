import type { Compressor, NdArray } from '@lensfield/contracts';
import { cholesky, choleskySolve, InvalidArgumentError, solve } from '@lensfield/kernels';
import { requireMaps } from './compressor.ts';
import { correlationOf, momentsInFloat64 } from './feature-correlation.ts';
import type { MapStatistics } from './maps/map-statistics.ts';

export interface ScoreCompressionOptions {
  /** Features of noisy maps simulated at one point of parameter space, [maps, numFeatures]; more maps than features. */
  readonly features: NdArray<Float32Array>;
  /** Derivatives of the mean features in the parameters at that point, [numParameters, numFeatures]. */
  readonly derivatives: NdArray<Float64Array>;
  /** Inverse prior variance of each parameter. Default 1, that of unconstrained parameters. */
  readonly priorPrecision?: number;
}

/** A linear map from features to an estimate of each parameter's distance from the point: plain data. */
export interface ScoreCompression {
  /** Mean features at the point, [numFeatures]. */
  readonly mean: NdArray<Float32Array>;
  /** [numParameters, numFeatures]. */
  readonly matrix: NdArray<Float32Array>;
  /** Fisher information of the features about the parameters, row-major [numParameters, numParameters]; without the prior. */
  readonly fisher: Float64Array;
}

/**
 * Compression by the score of a Gaussian likelihood of the features at one point, t = (F + P)^-1 D C^-1 (f - mean), with the derivatives
 * D and the covariance C of the features f, F = D C^-1 D' and the prior precision P. Near the point no summary of these
 * features keeps more of the parameters, as far as their mean is linear there; it takes a few simulations at the point in place
 * of many over the prior.
 *
 * @throws {InvalidArgumentError} if there are not more maps than features plus two, shapes do not fit, or a value is not finite.
 * @throws {NumericalError} if features are linearly dependent.
 *
 * Accuracy: reaches the Cramér-Rao bound of a Gaussian toy within the error of its covariance (test/score-compressor.test.ts).
 * Source: Alsing & Wandelt (2018), arXiv 1712.00012, eq. 5; the factor for a covariance from n maps is that of Hartlap, Simon &
 * Schneider (2007), eq. 17.
 */
export function scoreCompression(options: ScoreCompressionOptions): ScoreCompression {
  const { features, derivatives, priorPrecision = 1 } = options;
  requireFeatures(features, derivatives);
  const [n, width] = features.shape;
  const numParameters = derivatives.shape[0];
  const { mean, sd, factor } = correlationFactor(features);
  const hartlap = (n - width - 2) / (n - 1);
  const weights = new Float64Array(numParameters * width);
  for (let p = 0; p < numParameters; p++) {
    const scaled = Float64Array.from({ length: width }, (_, f) => derivatives.data[p * width + f] / sd[f]);
    const solved = choleskySolve(factor, scaled, width);
    for (let f = 0; f < width; f++) weights[p * width + f] = (hartlap * solved[f]) / sd[f];
  }
  const fisher = fisherOf(weights, derivatives.data, numParameters);
  const precision = fisher.slice();
  for (let p = 0; p < numParameters; p++) precision[p * (numParameters + 1)] += priorPrecision;
  return {
    mean: { shape: [width], data: Float32Array.from(mean) },
    matrix: {
      shape: [numParameters, width],
      data: Float32Array.from(solve(precision, weights, numParameters)),
    },
    fisher,
  };
}

/** The compression as a function of noisy maps [n, mapSize, mapSize, numBins]. */
export function createScoreCompressor(
  statistics: MapStatistics,
  geometry: { readonly mapSize: number; readonly numBins: number },
  { mean, matrix }: ScoreCompression,
): Compressor {
  const [numSummaries, width] = matrix.shape;
  return {
    numSummaries,
    summarize(x) {
      requireMaps(geometry, x);
      const n = x.shape[0];
      const features = statistics.features(x.data, n);
      const data = new Float32Array(n * numSummaries);
      for (let i = 0; i < n; i++) {
        for (let p = 0; p < numSummaries; p++) {
          let sum = 0;
          for (let f = 0; f < width; f++) {
            sum += matrix.data[p * width + f] * (features[i * width + f] - mean.data[f]);
          }
          data[i * numSummaries + p] = sum;
        }
      }
      return { shape: [n, numSummaries], data };
    },
  };
}

/**
 * Mean and sd (divisor n - 1) of each feature, and the Cholesky factor of their correlations. A feature that does not vary has an
 * infinite sd and correlates with none.
 */
function correlationFactor({ shape: [n, width], data }: NdArray<Float32Array>) {
  const { mean, sd } = momentsInFloat64(data, width, n);
  // What varies by less than float32 resolves does not vary.
  const isConstant = sd.map((value, f) => (value <= 1e-7 * Math.abs(mean[f]) ? 1 : 0));
  const inverseSd = sd.map((value, f) => (isConstant[f] ? 0 : 1 / value));
  const correlation = correlationOf(data, mean, inverseSd);
  for (let f = 0; f < width; f++) if (isConstant[f]) correlation[f * (width + 1)] = 1;
  const unbiased = Math.sqrt(n / (n - 1));
  return { mean, sd: inverseSd.map((inverse) => unbiased / inverse), factor: cholesky(correlation, width) };
}

function fisherOf(weights: Float64Array, derivatives: Float64Array, numParameters: number): Float64Array {
  const width = weights.length / numParameters;
  return Float64Array.from({ length: numParameters ** 2 }, (_, at) => {
    const [p, q] = [Math.floor(at / numParameters), at % numParameters];
    let sum = 0;
    for (let f = 0; f < width; f++) sum += weights[p * width + f] * derivatives[q * width + f];
    return sum;
  });
}

function requireFeatures(features: NdArray<Float32Array>, derivatives: NdArray<Float64Array>): void {
  const [n, width] = features.shape;
  if (derivatives.shape.length !== 2 || derivatives.shape[1] !== width) {
    throw new InvalidArgumentError(
      'derivatives',
      `compressors.scoreCompression: derivatives must have shape [numParameters, ${width}]; got [${derivatives.shape.join(', ')}].`,
    );
  }
  if (!(n > width + 2)) {
    throw new InvalidArgumentError(
      'features',
      `compressors.scoreCompression: features must be those of more than ${width + 2} maps, or their covariance has no inverse; got ${n}. Simulate more, or use fewer statistics.`,
    );
  }
  for (const [argument, { data }] of Object.entries({ features, derivatives })) {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) continue;
    throw new InvalidArgumentError(
      argument,
      `compressors.scoreCompression: ${argument} must be finite; got ${data[bad]} at ${bad}.`,
    );
  }
}
