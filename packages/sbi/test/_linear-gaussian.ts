import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import { foldIn, inverse, normal, normalFloat64 } from '@lensfield/kernels';
import { type JointPrior, jointPrior, normal as normalDistribution } from '../src/index.ts';

/**
 * theta ~ N(mean, diag sd^2), x = H theta + N(0, 0.5^2) in three summaries: the posterior is a Gaussian that linear algebra
 * gives.
 */
const MEANS = [0.3, -1];
const SDS = [0.2, 0.5];
const NOISE = 0.5;
const H = [
  [4, 0.5],
  [0, 1.5],
  [-2, 1],
];

export const linearPrior = jointPrior({
  a: normalDistribution({ mean: MEANS[0], sd: SDS[0] }),
  b: normalDistribution({ mean: MEANS[1], sd: SDS[1] }),
});

/** Prior draws and their summaries. */
export function simulate(
  key: Key,
  n: number,
  prior: JointPrior = linearPrior,
): { theta: NdArray<Float64Array>; summaries: NdArray<Float32Array> } {
  const theta = prior.sample(foldIn(key, 0), n);
  return { theta, summaries: summariesOf(theta, foldIn(key, 1)) };
}

/** Summaries [n, 3] of parameters [n, 2]. */
export function summariesOf(theta: NdArray<Float64Array>, key: Key): NdArray<Float32Array> {
  const [n] = theta.shape;
  const noise = normal(key, 3 * n);
  const data = noise.map((e, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return H[column][0] * theta.data[2 * row] + H[column][1] * theta.data[2 * row + 1] + NOISE * e;
  });
  return { shape: [n, 3], data };
}

/** Mean [2] and covariance [2, 2] of the posterior of one observation. */
export function exactPosterior(x: ArrayLike<number>): { mean: Float64Array; covariance: Float64Array } {
  const precision = new Float64Array(4);
  const weighted = new Float64Array(2);
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 2; j++) {
      for (const row of H) precision[2 * i + j] += (row[i] * row[j]) / NOISE ** 2;
    }
    precision[2 * i + i] += 1 / SDS[i] ** 2;
    weighted[i] = MEANS[i] / SDS[i] ** 2;
    H.forEach((row, k) => {
      weighted[i] += (row[i] * x[k]) / NOISE ** 2;
    });
  }
  const covariance = inverse(precision, 2);
  const mean = Float64Array.from(
    [0, 1],
    (i) => covariance[2 * i] * weighted[0] + covariance[2 * i + 1] * weighted[1],
  );
  return { mean, covariance };
}

/** Exact posterior draws for many observations, with widths times `widening`, moved up by `shift` sd: [n, 3] to [n, draws, 2]. */
export function exactDraws(
  key: Key,
  summaries: NdArray<Float32Array>,
  draws: number,
  widening = 1,
  shift = 0,
): NdArray<Float32Array> {
  const n = summaries.shape[0];
  const z = normalFloat64(key, n * draws * 2);
  const data = new Float32Array(n * draws * 2);
  for (let row = 0; row < n; row++) {
    const { mean, covariance } = exactPosterior(summaries.data.subarray(3 * row, 3 * row + 3));
    const l00 = Math.sqrt(covariance[0]);
    const l10 = covariance[2] / l00;
    const l11 = Math.sqrt(covariance[3] - l10 * l10);
    for (let draw = 0; draw < draws; draw++) {
      const at = (row * draws + draw) * 2;
      data[at] = mean[0] + shift * l00 + widening * l00 * z[at];
      data[at + 1] = mean[1] + shift * Math.sqrt(covariance[3]) + widening * (l10 * z[at] + l11 * z[at + 1]);
    }
  }
  return { shape: [n, draws, 2], data };
}

/** Their log densities, up to a constant, of points [n, k, 2]: [n * k]. */
export function exactLogProbs(
  theta: NdArray<FloatArray>,
  summaries: NdArray<Float32Array>,
  widening = 1,
  shift = 0,
): Float64Array {
  const perRow = theta.shape[1];
  const out = new Float64Array(theta.data.length / 2);
  for (let row = 0; row < summaries.shape[0]; row++) {
    const { mean, covariance } = exactPosterior(summaries.data.subarray(3 * row, 3 * row + 3));
    const precision = inverse(covariance, 2);
    for (let point = row * perRow; point < (row + 1) * perRow; point++) {
      const [a, b] = [0, 1].map(
        (j) => theta.data[2 * point + j] - mean[j] - shift * Math.sqrt(covariance[3 * j]),
      );
      out[point] =
        -(precision[0] * a * a + 2 * precision[1] * a * b + precision[3] * b * b) / (2 * widening ** 2);
    }
  }
  return out;
}
