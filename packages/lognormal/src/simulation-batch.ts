import type { Key, NdArray, SimulationFailure } from '@lensfield/contracts';
import { foldIn, isLensfieldError } from '@lensfield/kernels';
import type { LognormalModel } from './lognormal-model.ts';
import { createMarginalScore, type MarginalScore } from './marginal-score/marginal-score.ts';

/** Simulations with consecutive ids; those that failed are listed, not left out silently. */
export interface SimulationBatch {
  /** Ids of the maps, ascending; [n]. */
  readonly ids: Int32Array;
  /** Parameters of the maps, [n, 6]. */
  readonly theta: NdArray<Float64Array>;
  /** [n, mapSize, mapSize, bins]. */
  readonly maps: NdArray<Float32Array>;
  /** Joint scores, [n, 6]; present when asked for. */
  readonly scores?: NdArray<Float64Array>;
  /** Marginal scores at the point that was asked for, [n, 6]. */
  readonly marginalScores?: NdArray<Float64Array>;
  readonly failures: readonly SimulationFailure[];
}

export interface SimulationRequest {
  /** Simulation `id` uses foldIn(key, id). */
  readonly key: Key;
  readonly firstId: number;
  /** Rows of 6 parameters, one per simulation. */
  readonly theta: Float64Array;
  /** Whether maps come with noise. */
  readonly noise: boolean;
  readonly scores: boolean;
}

const NUM_PARAMETERS = 6;

/** A simulation with what was asked for. */
interface SimulatedMap {
  readonly map: Float32Array;
  readonly score?: Float64Array;
  readonly marginalScore?: Float64Array;
}

type KeptMap = Omit<SimulatedMap, 'map'> & { readonly id: number; readonly theta: Float64Array };

/** Makes batches in this thread. */
export interface BatchSimulator {
  simulate(request: SimulationRequest): SimulationBatch;
  /** Gives its buffers back; the model stays. */
  dispose(): void;
}

/** @param marginalScoresAt  Parameters at which the marginal scores of the maps are wanted. */
export function createBatchSimulator(
  model: LognormalModel,
  marginalScoresAt: Float64Array | undefined,
): BatchSimulator {
  const marginal = marginalScoresAt && createMarginalScore({ model, theta: marginalScoresAt });
  return {
    simulate: (request) => simulateBatch(model, marginal, request),
    dispose: () => marginal?.dispose(),
  };
}

function simulateOne(
  model: LognormalModel,
  marginal: MarginalScore | undefined,
  key: Key,
  theta: Float64Array,
  request: SimulationRequest,
): SimulatedMap {
  if (!request.noise) return { map: model.simulateConvergence(key, theta).x.data };
  const { x, score } = request.scores
    ? model.simulateWithScore(key, theta)
    : { ...model.simulate(key, theta), score: undefined };
  return {
    map: x.data,
    ...(score && { score }),
    ...(marginal && { marginalScore: marginal.evaluate(x).score }),
  };
}

function simulateBatch(
  model: LognormalModel,
  marginal: MarginalScore | undefined,
  request: SimulationRequest,
): SimulationBatch {
  const count = request.theta.length / NUM_PARAMETERS;
  const size = model.dataShape.reduce((product, n) => product * n, 1);
  const maps = new Float32Array(count * size);
  const kept: KeptMap[] = [];
  const failures: SimulationFailure[] = [];
  for (let i = 0; i < count; i++) {
    const id = request.firstId + i;
    const theta = request.theta.slice(i * NUM_PARAMETERS, (i + 1) * NUM_PARAMETERS);
    try {
      const { map, ...scores } = simulateOne(model, marginal, foldIn(request.key, id), theta, request);
      maps.set(map, kept.length * size);
      kept.push({ id, theta, ...scores });
    } catch (error) {
      if (!isLensfieldError(error, 'INVALID_ARGUMENT') && !isLensfieldError(error, 'NUMERICAL')) throw error;
      failures.push({ id, theta, reason: error.message });
    }
  }
  const n = kept.length;
  return {
    ids: Int32Array.from(kept, ({ id }) => id),
    theta: rowsOf(kept, ({ theta }) => theta),
    maps: {
      shape: [n, ...model.dataShape],
      data: n === count ? maps : maps.slice(0, n * size),
    },
    ...(request.scores && { scores: rowsOf(kept, ({ score }) => score!) }),
    ...(marginal && { marginalScores: rowsOf(kept, ({ marginalScore }) => marginalScore!) }),
    failures,
  };
}

function rowsOf(kept: readonly KeptMap[], values: (map: KeptMap) => Float64Array): NdArray<Float64Array> {
  const data = new Float64Array(kept.length * NUM_PARAMETERS);
  kept.forEach((map, i) => {
    data.set(values(map), i * NUM_PARAMETERS);
  });
  return { shape: [kept.length, NUM_PARAMETERS], data };
}
