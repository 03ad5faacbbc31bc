import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, isLensfieldError } from '@lensfield/kernels';
import type { LognormalModel } from './lognormal-model.ts';

/** A simulation that the model could not make: parameters of no universe, or a map that is not finite. */
export interface SimulationFailure {
  readonly id: number;
  readonly theta: Float64Array;
  readonly reason: string;
}

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

interface MapAndScore {
  readonly map: Float32Array;
  readonly score?: Float64Array;
}

function simulateOne(
  model: LognormalModel,
  key: Key,
  theta: Float64Array,
  request: SimulationRequest,
): MapAndScore {
  if (request.scores) {
    const { x, score } = model.simulateWithScore(key, theta);
    return { map: x.data, score };
  }
  const { x } = request.noise ? model.simulate(key, theta) : model.simulateConvergence(key, theta);
  return { map: x.data };
}

/** Makes one batch in this thread. */
export function simulateBatch(model: LognormalModel, request: SimulationRequest): SimulationBatch {
  const count = request.theta.length / NUM_PARAMETERS;
  const size = model.dataShape.reduce((product, n) => product * n, 1);
  const maps = new Float32Array(count * size);
  const kept: { id: number; theta: Float64Array; score?: Float64Array }[] = [];
  const failures: SimulationFailure[] = [];
  for (let i = 0; i < count; i++) {
    const id = request.firstId + i;
    const theta = request.theta.slice(i * NUM_PARAMETERS, (i + 1) * NUM_PARAMETERS);
    try {
      const { map, score } = simulateOne(model, foldIn(request.key, id), theta, request);
      maps.set(map, kept.length * size);
      kept.push(score ? { id, theta, score } : { id, theta });
    } catch (error) {
      if (!isLensfieldError(error, 'INVALID_ARGUMENT') && !isLensfieldError(error, 'NUMERICAL')) throw error;
      failures.push({ id, theta, reason: error.message });
    }
  }
  const n = kept.length;
  const rows = (values: (row: (typeof kept)[number]) => Float64Array): NdArray<Float64Array> => ({
    shape: [n, NUM_PARAMETERS],
    data: Float64Array.from(kept.flatMap((row) => Array.from(values(row)))),
  });
  return {
    ids: Int32Array.from(kept, ({ id }) => id),
    theta: rows((row) => row.theta),
    maps: {
      shape: [n, ...model.dataShape],
      data: n === count ? maps : maps.slice(0, n * size),
    },
    ...(request.scores ? { scores: rows((row) => row.score!) } : {}),
    failures,
  };
}
