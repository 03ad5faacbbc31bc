import { choleskyOf } from '../_cholesky.ts';
import { lowRankMetric, type Metric } from '../metric.ts';
import { addToMoments, emptyMoments, type RunningMoments, varianceOf } from '../running-moments.ts';
import type { SamplerState } from '../state.ts';
import { addToHistory, type DrawHistory, diagonalBeside, lowRankOf } from './low-rank-estimate.ts';

/**
 * How the diagonal of the metric is learned. `draws`: the variance of each coordinate, as in Stan. `draws-and-gradients`: the root of
 * that variance over the variance of the gradient, which for independent Gaussian coordinates is exact after two draws; the choice
 * for very many coordinates and few draws.
 */
export type DiagonalEstimate = 'draws' | 'draws-and-gradients';

/** What a window has seen. Plain data, updated in place. */
export interface MetricEstimate {
  readonly draws: RunningMoments;
  /** Sums of products of deviations in the dense block, row-major [k, k]. */
  readonly products: Float64Array;
  /** Only for `draws-and-gradients`. */
  readonly gradients: RunningMoments | null;
  /** Only where directions are learned. */
  readonly history?: DrawHistory;
}

export function emptyEstimate(
  dimension: number,
  numDense: number,
  kind: DiagonalEstimate,
  history?: DrawHistory,
): MetricEstimate {
  return {
    ...(history !== undefined && { history }),
    draws: emptyMoments(dimension),
    products: new Float64Array(numDense * numDense),
    gradients: kind === 'draws' ? null : emptyMoments(dimension),
  };
}

export function addToEstimate(estimate: MetricEstimate, state: SamplerState): void {
  const { draws, products, gradients } = estimate;
  if (estimate.history !== undefined) addToHistory(estimate.history, state);
  const k = Math.round(Math.sqrt(products.length));
  const before = draws.mean.slice(0, k);
  addToMoments(draws, state.position);
  if (gradients !== null) addToMoments(gradients, state.gradient);
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      // The product of an old and a new deviation, taken both ways so that the block stays symmetric to the last bit.
      const [x, y] = [state.position[i], state.position[j]];
      products[i * k + j] +=
        ((x - before[i]) * (y - draws.mean[j]) + (x - draws.mean[i]) * (y - before[j])) / 2;
      products[j * k + i] = products[i * k + j];
    }
  }
}

/** What an estimate from few draws is pulled to, and how strongly. */
export interface Shrinkage {
  /** The metric to pull to; null for Stan's: inverse mass 1e-3 everywhere. */
  readonly target: Metric | null;
  /** The weight of the target in draws. */
  readonly numDraws: number;
}

/** Inverse mass 1e-3: small, so that an estimate from too few draws errs towards small steps. Stan's constant. */
const STAN_INVERSE_MASS = 1e-3;

/**
 * The metric that a window has learned, with at most `lowRank` directions, or undefined if it saw fewer than two draws or its block is
 * not positive definite.
 */
export function metricOf(estimate: MetricEstimate, shrinkage: Shrinkage, lowRank = 0): Metric | undefined {
  const block = blockOf(estimate, shrinkage);
  if (block === undefined || estimate.history === undefined) return block;
  return withDirections(block, estimate.history, lowRank);
}

/** Times that the diagonal is learned anew beside the directions; each takes most of what is left of their share out of it. */
const PASSES = 3;

function withDirections(block: Metric, history: DrawHistory, most: number): Metric {
  let metric = block;
  for (let pass = 0; ; pass++) {
    const learned = lowRankOf(metric, history, most);
    if (learned === undefined) return metric;
    if (pass === PASSES) return lowRankMetric(metric, learned.directions, learned.variances);
    metric = diagonalBeside(metric, history, learned);
  }
}

/** Block and diagonal of {@link metricOf}. */
function blockOf(estimate: MetricEstimate, { target, numDraws }: Shrinkage): Metric | undefined {
  const { draws, products, gradients } = estimate;
  if (draws.count < 2) return undefined;
  const k = Math.round(Math.sqrt(products.length));
  const weight = draws.count / (draws.count + numDraws);
  const dense = learnedBlock(estimate, k, target, weight);
  const variances = varianceOf(draws).subarray(k);
  const diagonal =
    gradients === null
      ? variances.map((v, i) => weight * v + (1 - weight) * (target?.diagonal[i] ?? STAN_INVERSE_MASS))
      : fromGradients(variances, varianceOf(gradients).subarray(k), target, weight);
  const isUsable = diagonal.every((value) => value > 0 && value < Number.POSITIVE_INFINITY);
  const denseCholesky = choleskyOf(dense, k);
  return isUsable && denseCholesky !== undefined
    ? { numDense: k, dense, denseCholesky, diagonal }
    : undefined;
}

/**
 * The dense block. From fewer than twice as many draws as it has rows a covariance is singular or nearly so, and would force tiny
 * steps: then only the variances are learned, or with a target the target stays.
 */
function learnedBlock(
  { draws, products }: MetricEstimate,
  k: number,
  target: Metric | null,
  weight: number,
): Float64Array {
  const isEnough = draws.count >= 2 * k;
  if (!isEnough && target !== null) return target.dense;
  return products.map((sum, at) => {
    const isDiagonal = at % (k + 1) === 0;
    if (!isEnough && !isDiagonal) return 0;
    const pull = target?.dense[at] ?? (isDiagonal ? STAN_INVERSE_MASS : 0);
    return weight * (sum / (draws.count - 1)) + (1 - weight) * pull;
  });
}

/** Geometric mean of the variances of the draws and the inverse variances of the gradients, pulled to the target in the logarithm. */
function fromGradients(
  variances: Float64Array,
  gradientVariances: Float64Array,
  target: Metric | null,
  weight: number,
): Float64Array {
  return variances.map((variance, i) => {
    const learned = Math.sqrt(variance / gradientVariances[i]);
    return target === null ? learned : learned ** weight * target.diagonal[i] ** (1 - weight);
  });
}
