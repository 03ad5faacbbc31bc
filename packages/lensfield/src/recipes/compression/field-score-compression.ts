import type { Compressor, NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { createLognormalModel, createMarginalScore } from '@lensfield/lognormal';
import type { DirectPosterior, JointPrior } from '@lensfield/sbi';
import type { RoundOptions } from '../implicit-round.ts';
import { simulatePrior } from '../prior-simulations.ts';
import type { TrainedCompression } from './compression.ts';
import { type PosteriorPoint, posteriorPoint } from './posterior-point.ts';

/** Fold of the key. */
const POINT = 0;

/**
 * Compression by the score of the whole field at the mean of an earlier posterior, its latents at their most probable values: no
 * statistic is chosen, nothing is trained and no simulation is spent. The score is scaled by the earlier posterior's covariance
 * to a step from its mean (Le Cam's one-step estimator), which gives numbers of like size.
 */
export function compressByFieldScore(options: RoundOptions, earlier: DirectPosterior): TrainedCompression {
  const started = performance.now();
  const { prior, kernels } = options;
  const point = posteriorPoint(prior, earlier, foldIn(options.key, POINT));
  const theta = prior.complete(prior.fromUnconstrained(point.mean).theta);
  const matrix = stepMatrix(prior, point);
  return {
    compressor: fieldScoreCompressor(options, theta, matrix),
    async simulateSummaries(request) {
      const simulations = await simulatePrior({ ...request, marginalScoresAt: theta });
      const summaries = steps(simulations.marginalScores!, matrix);
      return { simulations, set: { theta: simulations.theta, summaries } };
    },
    training: undefined,
    weights: {
      arrays: { 'score/theta': vector(theta), 'score/matrix': rounded(matrix) },
      metadata: { compressor: 'field', backend: kernels.backend },
    },
    seconds: (performance.now() - started) / 1000,
  };
}

/** Summaries of maps in this thread, the same as those of the simulations. */
function fieldScoreCompressor(
  { survey, parity, kernels }: RoundOptions,
  theta: Float64Array,
  matrix: NdArray<Float64Array>,
): Compressor {
  return {
    numSummaries: matrix.shape[0]!,
    summarize({ shape, data }) {
      const [count, ...mapShape] = shape as [number, number, number, number];
      const length = data.length / count;
      const model = createLognormalModel({ survey, parity, kernels });
      const marginal = createMarginalScore({ model, theta });
      const scores = new Float64Array(count * theta.length);
      for (let i = 0; i < count; i++) {
        const map = { shape: mapShape, data: data.slice(i * length, (i + 1) * length) };
        scores.set(marginal.evaluate(map).score, i * theta.length);
      }
      marginal.dispose();
      model.dispose();
      return steps({ shape: [count, theta.length], data: scores }, matrix);
    },
  };
}

/** Covariance in u, times the chain rule from scores in all parameters to those in u: [d, all]. */
function stepMatrix(prior: JointPrior, { mean, covariance }: PosteriorPoint): NdArray<Float64Array> {
  const { jacobian } = prior.fromUnconstrained(mean);
  const size = mean.length;
  const width = prior.parameterNames.length;
  const data = new Float64Array(size * width);
  prior.names.forEach((name, parameter) => {
    const at = prior.parameterNames.indexOf(name);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        data[i * width + at]! += covariance[i * size + j]! * jacobian[parameter * size + j]!;
  });
  return { shape: [size, width], data };
}

/** matrix times each row of scores. */
function steps(scores: NdArray<Float64Array>, { shape, data }: NdArray<Float64Array>): NdArray<Float32Array> {
  const [size, width] = shape as [number, number];
  const count = scores.shape[0]!;
  const out = new Float32Array(count * size);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let k = 0; k < width; k++) sum += data[i * width + k]! * scores.data[row * width + k]!;
      out[row * size + i] = sum;
    }
  return { shape: [count, size], data: out };
}

const vector = (values: Float64Array): NdArray<Float32Array> =>
  rounded({ shape: [values.length], data: values });

const rounded = ({ shape, data }: NdArray<Float64Array>): NdArray<Float32Array> => ({
  shape,
  data: Float32Array.from(data),
});
