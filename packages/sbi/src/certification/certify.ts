import type { FloatArray, Key, NdArray, Prior } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import type { Certificate, CertificateTest } from './certificate.ts';
import { testControls } from './controls.ts';
import { holmCorrected } from './holm.ts';
import { type LocalTestOptions, localTest } from './local-test.ts';
import { type PosteriorDraws, rankTests, type TestResult, type Truths } from './rank-tests.ts';
import { statementOf } from './statement.ts';
import { fromUnconstrainedRows, splitDraws, toUnconstrainedRows } from './unconstrained-rows.ts';

export interface CertifyOptions {
  readonly key: Key;
  /** The prior that drew `theta`. */
  readonly prior: Prior;
  /** Draws for every row of `summaries`, independent of one another: shape [n, numDraws, d]. */
  readonly sampleMany: (key: Key, summaries: NdArray<Float32Array>, numDraws: number) => NdArray<FloatArray>;
  /**
   * Log densities of points theta [n, k, d], the k of a row given the same row of `summaries`: [n * k] values, normalised freely in
   * each row. Without it there is no expected coverage.
   */
  readonly logProbMany?: (theta: NdArray<Float64Array>, summaries: NdArray<Float32Array>) => FloatArray;
  /** True parameters of simulations that took no part in any training, shape [n, d]. */
  readonly theta: NdArray<FloatArray>;
  /** Shape [n, numSummaries]. */
  readonly summaries: NdArray<Float32Array>;
  /** Judges the posterior of one observation by LC2ST too, with half of `level`. */
  readonly local?: LocalTestOptions;
  /** Draws per simulation. Default 200. */
  readonly numDraws?: number;
  /** Share of right posteriors that may be rejected. Default 0.02. */
  readonly level?: number;
  /** Trials of each known-bad control. Default 20. */
  readonly numControlTrials?: number;
}

/** Fewer simulations say nothing that is worth a certificate. */
const FEWEST_SIMULATIONS = 10;
/** Draws of the observation that the local test looks at. */
const NUM_OBSERVED = 1000;
/** Folds of the key. */
const DRAWS = 0;
const TESTS = 1;
const CONTROLS = 2;
const LOCAL = 3;
const OBSERVED = 4;

/**
 * A gate for posterior estimators: nothing that is read off one should be believed before it has passed. On simulations that took no
 * part in training it tests ranks of the truth in each parameter (SBC), in density (expected coverage) and in distance from random points (TARP),
 * each for shift, width and distribution, and the posterior of one observation by LC2ST; p-values are corrected for the number
 * of tests. It then shows the same tests posteriors that are known to be wrong by 20 % in width or 0.3 standard deviations in place, and
 * does not pass what it could not have caught. Everything is done in the prior's unconstrained coordinates.
 *
 * @throws {InvalidArgumentError} if shapes do not fit, there are fewer than 10 simulations, or a truth or draw is outside the prior.
 *
 * Accuracy: README, table of sizes and powers (packages/bench/src/calibration-gate.mjs, test/certify.test.ts).
 * Source: Talts et al. (2018), arXiv 1804.06788; Hermans et al. (2022), arXiv 2110.06581; Lemos et al. (2023), arXiv 2302.03026; Linhart et al.
 * (2023), arXiv 2306.03580; density as a test quantity of SBC: Modrak et al. (2023), arXiv 2211.02383.
 */
export function certify(options: CertifyOptions): Certificate {
  const { key, theta, numDraws = 200, level = 0.02, local } = options;
  check(options);
  const { draws, truths, spare, pairs, logProbMany } = prepared(options);
  const { tests: rankResults, ...found } = rankTests(draws, truths, foldIn(key, TESTS));
  // Each of the two kinds gets half of the level, since a p-value by permutation cannot be as small as one of many tests must be.
  const rankLevel = local ? level / 2 : level;
  const tests = corrected(rankResults, level, rankLevel);
  const localResult =
    local && runLocalTest(options, local, { draws, theta: truths.theta, spare: pairs }, level);
  if (localResult) {
    const result = { name: 'lc2st', method: 'lc2st', pValue: localResult.pValue } as const;
    tests.push(...corrected([result], level, level / 2));
  }
  const controls = testControls({ key: foldIn(key, CONTROLS), draws, spare, logProbMany, level: rankLevel });
  const numSimulations = theta.shape[0]!;
  const verdict = verdictOf({ tests, controls });
  return {
    verdict,
    passed: verdict === 'passed',
    statement: statementOf(verdict, { tests, controls, numSimulations }),
    numSimulations,
    numDraws,
    level,
    tests,
    controls,
    ...found,
    ...(localResult && { local: localResult }),
  };
}

/** Draws to rank truths among, further ones as truths of the controls and as pairs for the classifier, all in unconstrained coordinates. */
function prepared(options: CertifyOptions) {
  const { key, prior, theta, summaries, numDraws = 200, numControlTrials = 20 } = options;
  const drawn = options.sampleMany(foldIn(key, DRAWS), summaries, numDraws + numControlTrials + 1);
  const counts = [numDraws, numControlTrials, 1];
  const [samples, spare, pairs] = splitDraws(toUnconstrainedRows(prior, drawn), counts) as [
    NdArray<Float64Array>,
    NdArray<Float64Array>,
    NdArray<Float64Array>,
  ];
  const logProbMany = finiteLogProb(options);
  const draws: PosteriorDraws = {
    names: prior.names,
    samples,
    ...(logProbMany && { logProb: { shape: samples.shape.slice(0, 2), data: logProbMany(samples) } }),
  };
  const truth = toUnconstrainedRows(prior, theta);
  const asRows = { shape: [truth.shape[0]!, 1, truth.shape[1]!], data: truth.data };
  const truths: Truths = { theta: truth, ...(logProbMany && { logProb: logProbMany(asRows) }) };
  return { draws, truths, spare, pairs, logProbMany };
}

function verdictOf({ tests, controls }: Pick<Certificate, 'tests' | 'controls'>): Certificate['verdict'] {
  if (tests.some(({ isRejected }) => isRejected)) return 'rejected';
  return controls.every(({ isCaught }) => isCaught) ? 'passed' : 'no power';
}

/** Tests that together have the share `ownLevel` of the gate's `level`. */
function corrected(results: readonly TestResult[], level: number, ownLevel: number): CertificateTest[] {
  const pValues = holmCorrected(results.map(({ pValue }) => pValue));
  return results.map((result, i) => {
    const correctedPValue = Math.min(1, (pValues[i]! * level) / ownLevel);
    return { ...result, correctedPValue, isRejected: correctedPValue <= level };
  });
}

/** Log densities at unconstrained points; one that is zero is the lowest number there is, below all others. */
function finiteLogProb({ prior, logProbMany, summaries }: CertifyOptions) {
  if (!logProbMany) return undefined;
  return (unconstrained: NdArray<Float64Array>): Float64Array =>
    Float64Array.from(logProbMany(fromUnconstrainedRows(prior, unconstrained), summaries), (value) =>
      value === -Infinity ? -Number.MAX_VALUE : value,
    );
}

function runLocalTest(
  { key, prior, sampleMany, summaries, numDraws = 200 }: CertifyOptions,
  local: LocalTestOptions,
  data: { draws: PosteriorDraws; theta: NdArray<Float64Array>; spare: NdArray<Float64Array> },
  level: number,
) {
  const { observation } = local;
  const one = { shape: [1, observation.length], data: observation };
  const observed = toUnconstrainedRows(
    prior,
    sampleMany(foldIn(key, OBSERVED), one, numDraws + NUM_OBSERVED),
  );
  const [observedMoments, observedSamples] = splitDraws(observed, [numDraws, NUM_OBSERVED]);
  const { shape, data: spare } = data.spare;
  return localTest(local, {
    ...data,
    spare: { shape: [shape[0]!, shape[2]!], data: spare },
    key: foldIn(key, LOCAL),
    summaries,
    observedMoments: observedMoments!,
    observedSamples: observedSamples!,
    // The fewest with which a p-value of level / 2 is possible.
    numPermutations: Math.ceil(2 / level) - 1,
  });
}

function check(options: CertifyOptions): void {
  const { prior, theta, summaries, level = 0.02, numDraws = 200, numControlTrials = 20 } = options;
  const d = prior.names.length;
  const [n] = theta.shape;
  if (theta.shape.length !== 2 || theta.shape[1] !== d || !(n! >= FEWEST_SIMULATIONS)) {
    throw refuse(
      'theta',
      `have shape [n, ${d}] with at least ${FEWEST_SIMULATIONS} simulations`,
      `[${theta.shape.join(', ')}]`,
    );
  }
  if (summaries.shape.length !== 2 || summaries.shape[0] !== n) {
    throw refuse('summaries', `have shape [${n}, numSummaries]`, `[${summaries.shape.join(', ')}]`);
  }
  if (!(level > 0 && level < 1)) throw refuse('level', 'be between 0 and 1', String(level));
  if (!Number.isInteger(numDraws) || numDraws < 10) {
    throw refuse('numDraws', 'be a whole number of at least 10', String(numDraws));
  }
  if (!Number.isInteger(numControlTrials) || numControlTrials < 1) {
    throw refuse('numControlTrials', 'be a whole number of at least 1', String(numControlTrials));
  }
}

function refuse(argument: string, rule: string, got: string): InvalidArgumentError {
  return new InvalidArgumentError(argument, `sbi.certify: ${argument} must ${rule}; got ${got}.`);
}
