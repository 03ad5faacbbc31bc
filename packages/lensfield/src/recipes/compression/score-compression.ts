import { createFeatureBank, createScoreCompressor, scoreCompression } from '@lensfield/compressors';
import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, NumericalError } from '@lensfield/kernels';
import { noiseStandardDeviations } from '@lensfield/lognormal';
import type { DirectPosterior, JointPrior } from '@lensfield/sbi';
import type { RoundOptions } from '../implicit-round.ts';
import { type SimulationTally, simulateAt, sumOfTallies } from '../prior-simulations.ts';
import { statisticsNoise, type TrainedCompression } from './compression.ts';
import { summariesOfMaps } from './noisy-summaries.ts';
import { posteriorPoint } from './posterior-point.ts';
import { mapShapeOf } from './survey-statistics.ts';

/** Shares of a round's simulations: at the point, and in pairs around it. */
const POINT_SHARE = 0.2;
const PAIR_SHARE = 0.05;
/** Maps at the point for each statistic, and pairs for each parameter, at least. */
const MAPS_PER_STATISTIC = 2;
const FEWEST_PAIRS = 10;
/** Share of the simulations that may go into the compression: the others train and test the estimator. */
const LARGEST_SHARE = 0.5;
/** Distance of each map of a pair from the point, in standard deviations of the posterior. */
const STEP = 0.5;

/** Folds of the key. */
const POINT = 0;
const POINT_MAPS = 1;
const PAIR_MAPS = 2;
const NOISE = 3;

/** How the simulations of a score compression are spent. */
export interface ScoreSizes {
  readonly numAtPoint: number;
  /** For each parameter. */
  readonly numPairs: number;
  /** All maps that the compression takes. */
  readonly total: number;
}

/** @throws {InvalidArgumentError} if the simulations of the round are too few for a covariance of the statistics. */
export function scoreSizes(numSimulations: number, numFeatures: number, numParameters: number): ScoreSizes {
  const numAtPoint = Math.max(Math.round(POINT_SHARE * numSimulations), MAPS_PER_STATISTIC * numFeatures);
  const numPairs = Math.max(FEWEST_PAIRS, Math.floor((PAIR_SHARE * numSimulations) / (2 * numParameters)));
  const total = numAtPoint + 2 * numParameters * numPairs;
  if (total > LARGEST_SHARE * numSimulations) {
    throw new InvalidArgumentError(
      '--simulations',
      `--simulations must leave at least ${Math.ceil(total / LARGEST_SHARE)} for each round after the first, which needs the covariance of ${numFeatures} statistics; got ${numSimulations}. Give more, or fewer --rounds.`,
    );
  }
  return { numAtPoint, numPairs, total };
}

/**
 * Compression by the score at the mean of an earlier posterior: maps simulated there give the covariance of the statistics, pairs of
 * maps with the same latents and noise their derivatives. Inside the region where the observation leaves the parameters, a few
 * thousand simulations so determine what a network would learn from many times as many.
 */
export async function compressByScore(
  options: RoundOptions,
  earlier: DirectPosterior,
): Promise<{ readonly simulations: SimulationTally; readonly compression: TrainedCompression }> {
  const { survey, prior, statistics, key, title, kernels } = options;
  const numParameters = prior.names.length;
  const { numAtPoint, numPairs } = scoreSizes(options.numSimulations, statistics.numFeatures, numParameters);
  const point = pointOf(prior, earlier, foldIn(key, POINT));
  const atPoint = await measure(options, pointRows(prior, point, numAtPoint), {
    mapKey: foldIn(key, POINT_MAPS),
    noiseKey: foldIn(foldIn(key, NOISE), POINT_MAPS),
    purpose: `${title}maps at one point`,
  });
  const side = (sign: number) =>
    measure(options, steppedRows(prior, point, sign, numPairs), {
      mapKey: foldIn(key, PAIR_MAPS),
      noiseKey: foldIn(foldIn(key, NOISE), PAIR_MAPS),
      purpose: `${title}maps beside it`,
    });
  const above = await side(1);
  const below = await side(-1);
  requireComplete(sumOfTallies([above, below]));
  const started = performance.now();
  const score = scoreCompression({
    features: atPoint.features,
    derivatives: derivativesOf(above.features, below.features, point, numPairs),
  });
  const mapShape = mapShapeOf(survey);
  const geometry = { mapSize: survey.mapSize, numBins: mapShape[2] };
  const compressor = createScoreCompressor(statistics, geometry, score);
  return {
    simulations: sumOfTallies([atPoint, above, below]),
    compression: {
      compressor,
      simulateSummaries: summariesOfMaps({ compressor, mapShape, noise: roundNoise(options) }),
      training: undefined,
      weights: {
        arrays: { 'score/mean': score.mean, 'score/matrix': score.matrix },
        metadata: { compressor: 'score', backend: kernels.backend },
      },
      seconds: (performance.now() - started) / 1000,
    },
  };
}

/** A point in unconstrained coordinates, and the step beside it in each of them. */
interface Point {
  readonly mean: Float64Array;
  readonly step: Float64Array;
}

function pointOf(prior: JointPrior, posterior: DirectPosterior, key: Key): Point {
  const { mean, covariance } = posteriorPoint(prior, posterior, key);
  return { mean, step: mean.map((_, j) => STEP * Math.sqrt(covariance[j * mean.length + j]!)) };
}

/** The point itself, so many times. */
function pointRows(prior: JointPrior, { mean }: Point, count: number): NdArray<Float64Array> {
  const { theta } = prior.fromUnconstrained(mean);
  const data = Float64Array.from({ length: count * theta.length }, (_, i) => theta[i % theta.length]!);
  return { shape: [count, theta.length], data };
}

/** A step in each parameter in turn, `numPairs` rows of each. */
function steppedRows(
  prior: JointPrior,
  { mean, step }: Point,
  sign: number,
  numPairs: number,
): NdArray<Float64Array> {
  const size = mean.length;
  const data = new Float64Array(size * numPairs * size);
  for (let j = 0; j < size; j++) {
    const u = mean.slice();
    u[j]! += sign * step[j]!;
    const { theta } = prior.fromUnconstrained(u);
    for (let pair = 0; pair < numPairs; pair++) data.set(theta, (j * numPairs + pair) * size);
  }
  return { shape: [size * numPairs, size], data };
}

interface Measured extends SimulationTally {
  /** [maps, numFeatures]. */
  readonly features: NdArray<Float32Array>;
}

async function measure(
  options: RoundOptions,
  rows: NdArray<Float64Array>,
  how: { readonly mapKey: Key; readonly noiseKey: Key; readonly purpose: string },
): Promise<Measured> {
  const { survey, statistics, kernels } = options;
  const bank = createFeatureBank({
    statistics,
    mapShape: mapShapeOf(survey),
    noise: roundNoise(options),
    numDraws: 1,
    key: how.noiseKey,
  });
  const tally = await simulateAt(
    {
      ...options,
      key: how.mapKey,
      purpose: how.purpose,
      backend: kernels.backend,
      onMap: (map) => bank.add(map),
    },
    rows,
  );
  const all = Int32Array.from({ length: bank.numMaps }, (_, i) => i);
  const features = { shape: [bank.numMaps, bank.numFeatures], data: bank.read(all, () => 0) };
  return { ...tally, features };
}

function roundNoise({ survey, kernels }: RoundOptions) {
  return statisticsNoise({ noiseSd: Array.from(noiseStandardDeviations(survey)), kernels });
}

/** Mean differences of pairs over the distance between their maps, [numParameters, numFeatures]. */
function derivativesOf(
  above: NdArray<Float32Array>,
  below: NdArray<Float32Array>,
  { step }: Point,
  numPairs: number,
): NdArray<Float64Array> {
  const width = above.shape[1]!;
  const data = new Float64Array(step.length * width);
  above.data.forEach((value, i) => {
    const parameter = Math.floor(i / (width * numPairs));
    data[parameter * width + (i % width)]! += (value - below.data[i]!) / (2 * step[parameter]! * numPairs);
  });
  return { shape: [step.length, width], data };
}

function requireComplete({ numFailed, firstFailure }: SimulationTally): void {
  if (numFailed === 0) return;
  throw new NumericalError(
    'theta',
    `the simulator must work beside the mean of the posterior of the round before; ${numFailed} of the pairs failed, the first: ${firstFailure} Use --rounds 1, or a narrower prior.`,
  );
}
