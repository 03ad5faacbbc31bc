import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { type Parity, type Survey, simulationBatches } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { Progress } from '../command-line/progress.ts';

export interface SimulationOptions {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: JointPrior;
  readonly key: Key;
  /** What the bar says they are for. */
  readonly purpose: string;
  readonly workers: number;
  readonly backend: 'native' | 'wasm';
  readonly signal?: AbortSignal;
  readonly progress: Progress;
  /** Receives each noiseless map [N, N, bins] in turn, and its number; the array may be kept. */
  readonly onMap?: (map: Float32Array, index: number) => void;
  /** Parameters at which marginal scores of the maps are wanted: all six. Maps then come with noise. */
  readonly marginalScoresAt?: Float64Array;
}

/** How many simulations there were, and what they cost. */
export interface SimulationTally {
  readonly numUsed: number;
  /** Simulations that could not be made (a prior draw that describes no universe), with the reason of the first. */
  readonly numFailed: number;
  readonly firstFailure: string | undefined;
  readonly seconds: number;
}

export interface Simulations extends SimulationTally {
  /** Free parameters of the maps, in their order, [maps, prior.names.length]. */
  readonly theta: NdArray<Float64Array>;
  /** In all six parameters, [maps, 6]; when asked for. */
  readonly marginalScores?: NdArray<Float64Array>;
}

/** Folds of the key: parameters, maps. */
const PARAMETERS = 0;
const MAPS = 1;

/** Draws parameters from the prior and simulates a map for each; noise is drawn by whoever uses noiseless maps. */
export async function simulatePrior(
  options: SimulationOptions & { readonly count: number },
): Promise<Simulations> {
  const { prior, key, count } = options;
  return simulateAt({ ...options, key: foldIn(key, MAPS) }, prior.sample(foldIn(key, PARAMETERS), count));
}

/**
 * A map for each row of free parameters. The same key and row number give the same latents, whatever the parameters: two
 * calls with one key make pairs of maps.
 */
export async function simulateAt(
  options: SimulationOptions,
  free: NdArray<Float64Array>,
): Promise<Simulations> {
  const { survey, parity, prior, key, workers, backend, signal, onMap, marginalScoresAt } = options;
  const count = free.shape[0]!;
  const numFree = prior.names.length;
  const theta = new Float64Array(count * numFree);
  const width = prior.parameterNames.length;
  const scores = new Float64Array(marginalScoresAt ? count * width : 0);
  const stage = options.progress.stage(options.purpose, count, 'maps');
  let numKept = 0;
  let numFailed = 0;
  let firstFailure: string | undefined;
  const batches = simulationBatches({
    survey,
    parity,
    theta: { shape: [count, width], data: prior.complete(free.data) },
    key,
    noise: marginalScoresAt !== undefined,
    ...(marginalScoresAt && { marginalScoresAt }),
    workers,
    backend,
    ...(signal && { signal }),
  });
  for await (const { ids, maps, failures, marginalScores } of batches) {
    if (marginalScores) scores.set(marginalScores.data, numKept * width);
    const length = maps.data.length / Math.max(1, ids.length);
    ids.forEach((id, i) => {
      onMap?.(maps.data.subarray(i * length, (i + 1) * length), numKept);
      theta.set(free.data.subarray(id * numFree, (id + 1) * numFree), numKept * numFree);
      numKept++;
    });
    numFailed += failures.length;
    firstFailure ??= failures[0]?.reason;
    stage.update(numKept + numFailed, { failed: numFailed });
  }
  return {
    theta: { shape: [numKept, numFree], data: theta.slice(0, numKept * numFree) },
    ...(marginalScoresAt && {
      marginalScores: { shape: [numKept, width], data: scores.slice(0, numKept * width) },
    }),
    numUsed: numKept,
    numFailed,
    firstFailure,
    seconds: stage.finish(),
  };
}

export function sumOfTallies(parts: readonly SimulationTally[]): SimulationTally {
  return {
    numUsed: parts.reduce((sum, { numUsed }) => sum + numUsed, 0),
    numFailed: parts.reduce((sum, { numFailed }) => sum + numFailed, 0),
    firstFailure: parts.find(({ firstFailure }) => firstFailure !== undefined)?.firstFailure,
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
