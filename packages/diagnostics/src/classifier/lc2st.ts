import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import { foldIn, type Kernels, splitKey, uniformFloat64 } from '@lensfield/kernels';
import { checkArray, checkWholeNumber, invalid } from '../_argument-checks.ts';
import { centralMoment, meanOf } from '../_numerics/moments.ts';
import { type LabelledPoints, type TrainingSettings, trainClassifier } from './_train-network.ts';

export interface Lc2stOptions {
  /** Parameters that each simulation was made with, shape [n, d]. */
  readonly theta: NdArray<FloatArray>;
  /** One draw from the posterior of each simulation, shape [n, d]. */
  readonly samples: NdArray<FloatArray>;
  /** What was seen of each simulation, shape [n, s]. */
  readonly summaries: NdArray<FloatArray>;
  /** What was observed, shape [s]: where the posterior is judged. */
  readonly observation: FloatArray;
  /** Draws from its posterior, shape [m, d]; a thousand are plenty. */
  readonly observedSamples: NdArray<FloatArray>;
  /** The engine that the network runs on, from `loadKernels`. */
  readonly kernels: Kernels;
  readonly key: Key;
  /** Networks trained on exchanged pairs; the p-value is at least 1 / (numPermutations + 1). Default 100. */
  readonly numPermutations?: number;
  /** Default [32]. */
  readonly hiddenUnits?: readonly number[];
  /** Default 20. */
  readonly maxEpochs?: number;
}

export interface Lc2stResult {
  /** Mean over the observed posterior's draws of (probability of being a draw - 1/2)^2: 0 if a network cannot tell draws from truths there. */
  readonly statistic: number;
  /** The same of networks trained on exchanged pairs: what a right posterior gives. */
  readonly nullStatistics: Float64Array;
  /** Share of right posteriors with a statistic as large, at least 1 / (numPermutations + 1). */
  readonly pValue: number;
  /** At each observed draw: above 1/2 the posterior has too much density there, below too little. Shape [m]. */
  readonly probabilities: Float64Array;
}

const SETTINGS = { batchSize: 200, learningRate: 5e-3, weightDecay: 1e-2, tolerance: 1e-4, patience: 10 };
const WHERE = 'lc2st';

/**
 * Local classifier two-sample test: is the posterior of this one observation right? A network learns to tell (draw, summaries) from
 * (truth, summaries) over simulations and is asked at the observation. It sees what coverage over all observations averages out, as a
 * posterior that is nothing but the prior.
 *
 * Parameters may be given in any coordinates that the summaries define, the same for truth, draw and observed draws: the network
 * learns most where the posterior of each simulation is scaled to mean 0 and standard deviation 1.
 *
 * @throws {InvalidArgumentError} if the shapes do not fit, a value is not finite, or a column is constant.
 *
 * Accuracy: p-values uniform for right posteriors (test/lc2st.test.ts): given the summaries, truth and draw of a pair are exchangeable, so the
 * test is exact.
 * Source: Linhart, Gramfort & Rodrigues (2023), arXiv 2306.03580, algorithms 1 and 2 (statistic of one class, eq. 10).  Differs from it
 * in: the null exchanges truth and draw within pairs in place of all labels, which keeps the classes balanced.
 */
export function lc2st(options: Lc2stOptions): Lc2stResult {
  const { kernels, theta, key, numPermutations = 100 } = options;
  checkOptions(options);
  const { pairs, observed } = standardizedPoints(options);
  const n = theta.shape[0];
  const { hiddenUnits = [32], maxEpochs = 20 } = options;
  const settings: TrainingSettings = { ...SETTINGS, hiddenUnits, maxEpochs };
  const [exchangeKey, trainKey] = splitKey(key, 2);
  const probabilitiesFor = (labels: Uint8Array, run: number): Float64Array => {
    const classifier = trainClassifier(kernels, foldIn(trainKey, run), { ...pairs, labels }, settings);
    const logits = classifier.logitsAt(observed);
    classifier.free();
    return Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));
  };
  const probabilities = probabilitiesFor(pairs.labels, 0);
  const statistic = statisticOf(probabilities);
  const nullStatistics = Float64Array.from({ length: numPermutations }, (_, i) => {
    const u = uniformFloat64(foldIn(exchangeKey, i), n);
    const labels = pairs.labels.map((label, row) => (u[row % n] < 0.5 ? label : 1 - label));
    return statisticOf(probabilitiesFor(labels, i + 1));
  });
  const numAsLarge = nullStatistics.filter((value) => value >= statistic).length;
  return {
    statistic,
    nullStatistics,
    pValue: (numAsLarge + 1) / (numPermutations + 1),
    probabilities,
  };
}

const statisticOf = (probabilities: Float64Array): number =>
  probabilities.reduce((sum, p) => sum + (p - 0.5) ** 2, 0) / probabilities.length;

function checkOptions(options: Lc2stOptions): void {
  const { theta, samples, summaries, observation, observedSamples } = options;
  const named = (name: string) => ({ where: WHERE, name });
  checkArray(theta, '[n, d]', named('theta'));
  checkArray(samples, '[n, d]', named('samples'));
  checkArray(summaries, '[n, s]', named('summaries'));
  checkArray({ shape: [observation.length], data: observation }, '[s]', named('observation'));
  checkArray(observedSamples, '[m, d]', named('observedSamples'));
  const [n, d] = theta.shape;
  const fits = (name: string, found: readonly number[], expected: readonly number[]) => {
    if (found.some((size, i) => size !== expected[i]))
      throw invalid(named(name), `have shape [${expected.join(', ')}]`, `[${found.join(', ')}]`);
  };
  checkWholeNumber(n, 2, named('theta.shape[0]'));
  checkWholeNumber(observedSamples.shape[0], 1, named('observedSamples.shape[0]'));
  fits('samples', samples.shape, [n, d]);
  fits('summaries', summaries.shape, [n, observation.length]);
  fits('observedSamples', observedSamples.shape, [observedSamples.shape[0], d]);
  checkWholeNumber(options.numPermutations ?? 100, 1, named('numPermutations'));
  checkWholeNumber(options.maxEpochs ?? 20, 1, named('maxEpochs'));
  for (const units of options.hiddenUnits ?? []) checkWholeNumber(units, 1, named('hiddenUnits'));
}

/** Rows (parameters, summaries) of truths, then of draws with label 1, scaled by their mean and standard deviation; the observed rows likewise. */
function standardizedPoints({ theta, samples, summaries, observation, observedSamples }: Lc2stOptions): {
  readonly pairs: LabelledPoints;
  readonly observed: Float32Array;
} {
  const [n, d] = theta.shape;
  const width = d + observation.length;
  const m = observedSamples.shape[0];
  const points = new Float32Array(2 * n * width);
  const observed = new Float32Array(m * width);
  for (let j = 0; j < width; j++) {
    const column = Float64Array.from({ length: 2 * n }, (_, row) =>
      j < d
        ? (row < n ? theta : samples).data[(row % n) * d + j]
        : summaries.data[(row % n) * (width - d) + j - d],
    );
    const mean = meanOf(column);
    const sd = Math.sqrt(centralMoment(column, 2, mean));
    if (!(sd > 0)) throw constantColumn(j < d ? 'theta' : 'summaries', j < d ? j : j - d, mean);
    for (let row = 0; row < 2 * n; row++) points[row * width + j] = (column[row] - mean) / sd;
    for (let row = 0; row < m; row++) {
      const value = j < d ? observedSamples.data[row * d + j] : observation[j - d];
      observed[row * width + j] = (value - mean) / sd;
    }
  }
  const labels = Uint8Array.from({ length: 2 * n }, (_, row) => (row < n ? 0 : 1));
  return { pairs: { points, labels, dimension: width }, observed };
}

function constantColumn(name: string, column: number, value: number) {
  return invalid(
    { where: WHERE, name },
    'vary in every column',
    `${value} always in column ${column}`,
    'Leave out what is fixed.',
  );
}
