import type { Key, NdArray } from '@lensfield/contracts';
import { InvalidArgumentError, type KernelBackend, loadKernels } from '@lensfield/kernels';
import { createLognormalModel } from './lognormal-model.ts';
import { createBatchSimulator, type SimulationBatch, type SimulationRequest } from './simulation-batch.ts';
import { simulateOnWorkers } from './simulation-pool.ts';
import { numBins, type Survey } from './survey.ts';
import type { Parity } from './survey-theory.ts';
import { validateSurvey } from './survey-validation.ts';

export interface SimulateManyOptions {
  readonly survey: Survey;
  /** Parameters, one row per simulation, [n, 6]; see `parameterKey` for a key to draw them from. */
  readonly theta: NdArray<Float64Array>;
  /** Simulation i has id firstId + i and uses foldIn(key, id). */
  readonly key: Key;
  /** Default 0. */
  readonly firstId?: number;
  /** Default `none`. */
  readonly parity?: Parity;
  /** Noisy maps (default), or noiseless convergence to which noise is added later. */
  readonly noise?: boolean;
  /** Also the joint scores; needs noise. Default false. */
  readonly scores?: boolean;
  /** Also the scores of the noisy maps at these parameters, with their latents integrated out; see `createMarginalScore`. */
  readonly marginalScoresAt?: Float64Array;
  /** Worker threads; 0 simulates in this thread (as a page must). Default: all cores. */
  readonly workers?: number;
  /** Simulations per batch; default: about 16 MB of maps. */
  readonly batchSize?: number;
  /** Default: as `loadKernels` chooses. */
  readonly backend?: KernelBackend;
  readonly signal?: AbortSignal;
}

export interface SimulationProgress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
}

const BATCH_BYTES = 16e6;
const LARGEST_BATCH = 64;

function refuse(argument: string, rule: string, got: unknown): never {
  throw new InvalidArgumentError(
    argument,
    `lognormal.simulateMany: ${argument} must ${rule}; got ${String(got)}.`,
  );
}

function checkCount(argument: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) refuse(argument, `be an integer from ${least}`, value);
}

function checkOptions({
  theta,
  firstId = 0,
  workers,
  batchSize,
  noise = true,
  scores,
  marginalScoresAt,
}: SimulateManyOptions): void {
  if (theta.shape.length !== 2 || theta.shape[1] !== 6 || theta.data.length !== theta.shape[0]! * 6)
    refuse('theta', 'have shape [n, 6]', `[${theta.shape.join(', ')}]`);
  if (theta.shape[0] === 0) refuse('theta', 'have at least one row', 0);
  checkCount('firstId', firstId, 0);
  if (workers !== undefined) checkCount('workers', workers, 0);
  if (batchSize !== undefined) checkCount('batchSize', batchSize, 1);
  if (scores && !noise)
    refuse('scores', 'be left out when noise is false: a score belongs to a noisy map', scores);
  if (marginalScoresAt && !noise)
    refuse('marginalScoresAt', 'be left out when noise is false: a score belongs to a noisy map', 'a point');
  if (marginalScoresAt && marginalScoresAt.length !== 6)
    refuse('marginalScoresAt', 'have 6 entries', marginalScoresAt.length);
}

function requestsOf(options: SimulateManyOptions): SimulationRequest[] {
  const { survey, theta, key, firstId = 0, noise = true, scores = false } = options;
  const mapBytes = 4 * survey.mapSize ** 2 * numBins(survey);
  const size = options.batchSize ?? Math.min(LARGEST_BATCH, Math.max(1, Math.floor(BATCH_BYTES / mapBytes)));
  const count = theta.shape[0]!;
  return Array.from({ length: Math.ceil(count / size) }, (_, batch) => ({
    key,
    firstId: firstId + batch * size,
    theta: theta.data.slice(6 * batch * size, 6 * Math.min(count, (batch + 1) * size)),
    noise,
    scores,
  }));
}

async function* simulateHere(
  { survey, parity = 'none', backend, signal, marginalScoresAt }: SimulateManyOptions,
  requests: readonly SimulationRequest[],
): AsyncGenerator<SimulationBatch> {
  const kernels = await loadKernels(backend ? { backend } : {});
  const model = createLognormalModel({ survey, parity, kernels });
  const simulator = createBatchSimulator(model, marginalScoresAt);
  try {
    for (const request of requests) {
      signal?.throwIfAborted();
      yield simulator.simulate(request);
    }
  } finally {
    simulator.dispose();
    model.dispose();
  }
}

async function numCores(): Promise<number> {
  const { availableParallelism } = await import('node:os');
  return availableParallelism();
}

/**
 * Simulations batch by batch, in the order of their ids, on all cores: for sets that do not fit into memory.
 *
 * A simulation's bytes depend on (survey, parity, backend, key, id, theta) alone, not on workers or batches.
 *
 * @throws {InvalidArgumentError} if the survey or an option is not valid. Rejects with the signal's reason when aborted.
 */
export async function* simulationBatches(options: SimulateManyOptions): AsyncGenerator<SimulationBatch> {
  const survey = validateSurvey(options.survey);
  checkOptions(options);
  const { parity = 'none', backend, signal, marginalScoresAt } = options;
  signal?.throwIfAborted();
  const requests = requestsOf(options);
  const workers = options.workers ?? (await numCores());
  if (workers === 0) yield* simulateHere(options, requests);
  else yield* simulateOnWorkers({ survey, parity, backend, marginalScoresAt }, requests, { workers, signal });
}

/** All simulations in memory, in the order of their ids; see {@link simulationBatches}. Failed ones are in `failures`. */
export async function simulateMany(
  options: SimulateManyOptions & { readonly onProgress?: (progress: SimulationProgress) => void },
): Promise<SimulationBatch> {
  const { theta, survey, scores, marginalScoresAt } = options;
  const total = theta.shape[0] ?? 0;
  const batches: SimulationBatch[] = [];
  let done = 0;
  let failed = 0;
  for await (const batch of simulationBatches(options)) {
    batches.push(batch);
    failed += batch.failures.length;
    done += batch.ids.length + batch.failures.length;
    options.onProgress?.({ done, total, failed });
  }
  return {
    ids: Int32Array.from(batches.flatMap(({ ids }) => Array.from(ids))),
    theta: joinedRows(batches.map((batch) => batch.theta)),
    maps: joinedMaps(batches, [survey.mapSize, survey.mapSize, numBins(survey)]),
    ...(scores && { scores: joinedRows(batches.map((batch) => batch.scores!)) }),
    ...(marginalScoresAt && { marginalScores: joinedRows(batches.map((batch) => batch.marginalScores!)) }),
    failures: batches.flatMap(({ failures }) => failures),
  };
}

function joinedRows(parts: readonly NdArray<Float64Array>[]): NdArray<Float64Array> {
  const data = new Float64Array(parts.reduce((length, part) => length + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { shape: [data.length / 6, 6], data };
}

function joinedMaps(batches: readonly SimulationBatch[], shape: readonly number[]): NdArray<Float32Array> {
  const data = new Float32Array(batches.reduce((length, { maps }) => length + maps.data.length, 0));
  let at = 0;
  for (const { maps } of batches) {
    data.set(maps.data, at);
    at += maps.data.length;
  }
  const count = batches.reduce((sum, { ids }) => sum + ids.length, 0);
  return { shape: [count, ...shape], data };
}
