import type { FloatArray, NdArray } from '@lensfield/contracts';
import { checkArray, checkWholeNumber, invalid } from './_argument-checks.ts';
import { meanOf, sampleVariance } from './_numerics/moments.ts';
import { quantileOfSorted, sorted } from './_numerics/order-statistics.ts';
import { essBulk, essTail } from './chains/effective-sample-size.ts';
import { mcseMean, mcseSd } from './chains/monte-carlo-standard-error.ts';
import { rhat } from './chains/rhat.ts';

export interface ParameterSummary {
  readonly name: string;
  readonly mean: number;
  /** Standard deviation, divisor n - 1. */
  readonly sd: number;
  /** One value per entry of `probabilities`. */
  readonly quantiles: readonly number[];
}

export interface SummaryOptions {
  readonly names: readonly string[];
  /** Default the median and the central 68 % and 95 %: 0.025, 0.16, 0.5, 0.84, 0.975. */
  readonly probabilities?: readonly number[];
}

const PROBABILITIES = [0.025, 0.16, 0.5, 0.84, 0.975];

/**
 * Mean, standard deviation and quantiles of every parameter.
 *
 * @param samples  Shape [n, d], n >= 2; d names.
 * @throws {InvalidArgumentError} if the shapes do not fit, a value is not finite, or a probability is outside 0 ... 1.
 */
export function summarizeSamples(samples: NdArray<FloatArray>, options: SummaryOptions): ParameterSummary[] {
  const where = 'summarizeSamples';
  checkArray(samples, '[n, d]', { where, name: 'samples' });
  if (samples.shape[0] < 2)
    throw invalid({ where, name: 'samples' }, 'have at least 2 rows', String(samples.shape[0]));
  checkNames(options.names, samples.shape[1], where);
  const probabilities = options.probabilities ?? PROBABILITIES;
  const bad = probabilities.find((p) => !(p >= 0 && p <= 1));
  if (bad !== undefined) throw invalid({ where, name: 'probabilities' }, 'be from 0 to 1', String(bad));
  return options.names.map((name, j) => {
    const values = columnOf(samples, j);
    const ordered = sorted(values);
    return {
      name,
      mean: meanOf(values),
      sd: Math.sqrt(sampleVariance(values)),
      quantiles: probabilities.map((p) => quantileOfSorted(ordered, p)),
    };
  });
}

export interface ChainSummary extends ParameterSummary {
  readonly mcseMean: number;
  readonly mcseSd: number;
  readonly essBulk: number;
  readonly essTail: number;
  readonly rhat: number;
}

/**
 * {@link summarizeSamples} of all draws, with what tells whether to believe them.
 *
 * @param draws  Shape [chains, draws, d], at least 4 draws; d names.
 * @throws {InvalidArgumentError} as {@link summarizeSamples} and {@link essBulk}.
 */
export function summarizeChains(draws: NdArray<FloatArray>, options: SummaryOptions): ChainSummary[] {
  const where = 'summarizeChains';
  checkArray(draws, '[chains, draws, d]', { where, name: 'draws' });
  const [numChains, numDraws, dimension] = draws.shape;
  const samples = { shape: [numChains * numDraws, dimension], data: draws.data };
  return summarizeSamples(samples, options).map((summary, j) => {
    const chains = { shape: [numChains, numDraws], data: columnOf(samples, j) };
    return {
      ...summary,
      mcseMean: mcseMean(chains),
      mcseSd: mcseSd(chains),
      essBulk: essBulk(chains),
      essTail: essTail(chains),
      rhat: rhat(chains),
    };
  });
}

/**
 * Figure of merit of two parameters: 1 / sqrt(det C), C their marginal covariance (divisor n - 1). Larger is sharper.
 *
 * @param samples  Shape [n, d], n >= 3.
 * @param i, j     Two different columns.
 * @throws {InvalidArgumentError} if the columns are not two of d, or depend linearly on each other, or a value is not finite.
 *
 * Accuracy: rounding, against NumPy (test/posterior-summary.test.ts).
 */
export function figureOfMerit(samples: NdArray<FloatArray>, i: number, j: number): number {
  const where = 'figureOfMerit';
  checkArray(samples, '[n, d]', { where, name: 'samples' });
  const [n, dimension] = samples.shape;
  if (n < 3) throw invalid({ where, name: 'samples' }, 'have at least 3 rows', String(n));
  checkWholeNumber(i, 0, { where, name: 'i' });
  checkWholeNumber(j, 0, { where, name: 'j' });
  if (i === j || i >= dimension || j >= dimension) {
    throw invalid({ where, name: 'i, j' }, `be two columns below ${dimension}`, `${i}, ${j}`);
  }
  const [a, b] = [columnOf(samples, i), columnOf(samples, j)];
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  const covariance = a.reduce((sum, value, row) => sum + (value - meanA) * (b[row] - meanB), 0) / (n - 1);
  const determinant = sampleVariance(a) * sampleVariance(b) - covariance ** 2;
  if (!(determinant > 0)) {
    throw invalid(
      { where, name: 'samples' },
      `vary independently in columns ${i} and ${j}`,
      `determinant ${determinant}`,
    );
  }
  return 1 / Math.sqrt(determinant);
}

function columnOf({ shape, data }: NdArray<FloatArray>, column: number): Float64Array {
  return Float64Array.from({ length: shape[0] }, (_, row) => data[row * shape[1] + column]);
}

function checkNames(names: readonly string[], dimension: number, where: string): void {
  if (names.length !== dimension) {
    throw invalid({ where, name: 'names' }, `name every parameter, ${dimension}`, `${names.length} names`);
  }
}
