import type { MapStatistics } from '@lensfield/compressors';
import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, type Kernels, loadKernels } from '@lensfield/kernels';
import type { Parity, Survey } from '@lensfield/lognormal';
import { type JointPrior, type ObservedPosterior, truncatePrior } from '@lensfield/sbi';
import type { Progress } from '../command-line/progress.ts';
import { type CheckpointStore, checkpointsUnder } from '../run/checkpoint-store.ts';
import { scoreSizes } from './compression/score-compression.ts';
import { surveyStatistics } from './compression/survey-statistics.ts';
import { type CompressorName, type ImplicitRound, runRound } from './implicit-round.ts';

export interface ImplicitOptions {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: JointPrior;
  readonly observation: NdArray<Float32Array>;
  readonly key: Key;
  /** In all rounds together. */
  readonly numSimulations: number;
  /** Each after the first simulates only where the posterior of the one before is. */
  readonly rounds: number;
  /**
   * What the compressor sees: band powers and third moments (in rounds after the first, with `field`, the score of the whole field),
   * or the maps themselves and their band powers.
   */
  readonly compressor: CompressorName;
  readonly loss: 'vmim' | 'mse';
  readonly epochs: number;
  /** Draws of the posterior. */
  readonly numSamples: number;
  /** The kernels behind the tensors. */
  readonly kernels: Kernels;
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly progress: Progress;
  readonly checkpoints: CheckpointStore;
}

export interface ImplicitResult {
  readonly names: readonly string[];
  /** Draws, [numSamples, parameters]. */
  readonly samples: NdArray<Float32Array>;
  readonly logProb: Float64Array;
  /** Of the last round. */
  readonly posterior: ObservedPosterior;
  readonly rounds: readonly ImplicitRound[];
}

/** Folds of the key; each round has its number. */
const SAMPLES = 100;
const TRUNCATION = 200;

/** Of the simulations that are left, where another round follows: enough to find its region. */
const SEARCH_SHARE = 0.3;
/** Fewest in the first round. */
export const FEWEST_SIMULATIONS = 400;

/**
 * Implicit full-field inference. Each round simulates the prior, trains a compressor and a density estimator, and tests them on
 * maps that neither has seen. A later round simulates only the part of the prior that holds the posterior of the one before,
 * and compresses fields or statistics by their score at its mean: there the best summary is nearly linear, and no simulation is
 * spent on universes that the observation excludes. A later posterior needs no correction: inside the part, the prior is the same up to a
 * constant.
 *
 * Source of the truncation: Deistler, Goncalves & Macke (2022), arXiv 2210.04815.
 */
export async function inferImplicit(options: ImplicitOptions): Promise<ImplicitResult> {
  const { key, numSamples } = options;
  const kernels = await singleThreaded(options.kernels);
  const statistics = surveyStatistics(options.survey, kernels);
  const sizes = roundSizes(options, statistics);
  let { prior } = options;
  const rounds: ImplicitRound[] = [];
  for (const [index, numSimulations] of sizes.entries()) {
    const isOnly = sizes.length === 1;
    const round = await runRound({
      ...options,
      prior,
      kernels,
      statistics,
      numSimulations,
      key: foldIn(key, index),
      ...(rounds.length > 0 && { earlier: rounds.at(-1)!.posterior }),
      title: isOnly ? '' : `round ${index + 1}: `,
      checkpoints: isOnly
        ? options.checkpoints
        : checkpointsUnder(options.checkpoints, `round-${index + 1}-`),
    });
    rounds.push(round);
    if (rounds.length < sizes.length) {
      prior = truncatePrior({ key: foldIn(key, TRUNCATION + index), prior, posterior: round.posterior });
    }
  }
  const { posterior } = rounds.at(-1)!;
  const samples = posterior.sample(foldIn(key, SAMPLES), numSamples);
  return {
    names: prior.names,
    samples,
    logProb: posterior.logProbMany(samples),
    posterior,
    rounds,
  };
}

/** Kernels for what is measured while the simulator fills the cores: threads of their own would wait for one another. */
async function singleThreaded(kernels: Kernels): Promise<Kernels> {
  return kernels.threads === 1 ? kernels : loadKernels({ backend: kernels.backend, threads: 1 });
}

/** Simulations of each round. */
function roundSizes(
  { numSimulations, rounds, compressor, prior }: ImplicitOptions,
  statistics: MapStatistics,
): number[] {
  const sizes: number[] = [];
  for (let left = numSimulations; sizes.length < rounds; left -= sizes.at(-1)!) {
    sizes.push(sizes.length + 1 < rounds ? Math.round(SEARCH_SHARE * left) : left);
  }
  const [first, ...later] = sizes;
  if (first! < FEWEST_SIMULATIONS) throw tooFew(numSimulations, rounds);
  if (compressor === 'field' && rounds === 1) throw fieldNeedsRounds();
  if (compressor === 'statistics') {
    for (const size of later) scoreSizes(size, statistics.numFeatures, prior.names.length);
  }
  return sizes;
}

function fieldNeedsRounds(): InvalidArgumentError {
  return new InvalidArgumentError(
    '--compressor',
    '--compressor must be statistics or convolutional with --rounds 1: the score of the field is taken where an earlier round finds the posterior; got field. Use --rounds 2 or --compressor statistics.',
  );
}

function tooFew(numSimulations: number, rounds: number): InvalidArgumentError {
  return new InvalidArgumentError(
    '--simulations',
    rounds === 1
      ? `--simulations must be at least ${FEWEST_SIMULATIONS}: they train a compressor and an estimator and test both; got ${numSimulations}.`
      : `--simulations must be at least ${Math.ceil(FEWEST_SIMULATIONS / SEARCH_SHARE)} for ${rounds} rounds; got ${numSimulations}. Give more, or --rounds 1.`,
  );
}
