import type { FloatArray, Key, NdArray, SimulationFailure, Simulator } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, isLensfieldError } from '@lensfield/kernels';

export interface SimulateManyOptions {
  /** Simulation `id` uses foldIn(key, id), so that its numbers do not depend on what else is simulated with it. */
  readonly key: Key;
  /** Shape [n, parameters]. */
  readonly theta: NdArray<FloatArray>;
  /** Id of the first row; the others follow. Default 0. */
  readonly firstId?: number;
  /** Whether joint scores are wanted. Default false. */
  readonly scores?: boolean;
}

/** Simulations in the order of their ids; those that failed are listed, not left out silently. */
export interface SimulationBatch {
  /** Ids of the simulations, ascending; [n]. */
  readonly ids: Int32Array;
  /** [n, parameters]. */
  readonly theta: NdArray<Float64Array>;
  /** [n, ...dataShape]. */
  readonly x: NdArray<Float32Array>;
  /** Gradients of log p(x, latents | theta), the prior left out; [n, parameters]. Present when asked for. */
  readonly scores?: NdArray<Float64Array>;
  readonly failures: readonly SimulationFailure[];
}

interface KeptSimulation {
  readonly id: number;
  readonly theta: Float64Array;
  readonly x: Float32Array;
  readonly score?: Float64Array;
}

/**
 * Simulates at many parameters.
 *
 * @throws {InvalidArgumentError} if the shape of theta or the ids do not fit, or scores are asked of a simulator without.
 */
export function simulateMany(simulator: Simulator, options: SimulateManyOptions): SimulationBatch {
  const { key, theta, firstId = 0, scores = false } = options;
  const numParameters = simulator.parameterNames.length;
  checkOptions(simulator, theta, firstId, scores);
  const kept: KeptSimulation[] = [];
  const failures: SimulationFailure[] = [];
  for (let row = 0; row < theta.shape[0]!; row++) {
    const id = firstId + row;
    const point = Float64Array.from(theta.data.subarray(row * numParameters, (row + 1) * numParameters));
    try {
      kept.push({ id, theta: point, ...simulateOne(simulator, foldIn(key, id), point, scores) });
    } catch (error) {
      if (!isLensfieldError(error, 'INVALID_ARGUMENT') && !isLensfieldError(error, 'NUMERICAL')) throw error;
      failures.push({ id, theta: point, reason: error.message });
    }
  }
  const n = kept.length;
  const size = simulator.dataShape.reduce((product, length) => product * length, 1);
  const x = new Float32Array(n * size);
  kept.forEach((simulation, i) => {
    x.set(simulation.x, i * size);
  });
  return {
    ids: Int32Array.from(kept, ({ id }) => id),
    theta: rowsOf(
      kept.map((simulation) => simulation.theta),
      numParameters,
    ),
    x: { shape: [n, ...simulator.dataShape], data: x },
    ...(scores && {
      scores: rowsOf(
        kept.map(({ score }) => score!),
        numParameters,
      ),
    }),
    failures,
  };
}

function simulateOne(
  simulator: Simulator,
  key: Key,
  theta: Float64Array,
  scores: boolean,
): { x: Float32Array; score?: Float64Array } {
  if (!scores) return { x: simulator.simulate(key, theta).x.data };
  const { x, score } = simulator.simulateWithScore!(key, theta);
  return { x: x.data, score };
}

function rowsOf(rows: readonly Float64Array[], width: number): NdArray<Float64Array> {
  const data = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    data.set(row, i * width);
  });
  return { shape: [rows.length, width], data };
}

function checkOptions(
  simulator: Simulator,
  theta: NdArray<FloatArray>,
  firstId: number,
  scores: boolean,
): void {
  const width = simulator.parameterNames.length;
  const [n = 0] = theta.shape;
  if (theta.shape.length !== 2 || theta.shape[1] !== width || theta.data.length !== n * width) {
    throw new InvalidArgumentError(
      'theta',
      `tasks.simulateMany: theta must have shape [n, ${width}] for ${simulator.parameterNames.join(', ')}; ` +
        `got [${theta.shape.join(', ')}] with ${theta.data.length} values.`,
    );
  }
  if (!Number.isInteger(firstId) || firstId < 0 || firstId + n > 2 ** 32) {
    throw new InvalidArgumentError(
      'firstId',
      `tasks.simulateMany: firstId must be an integer from 0 with ids below 2^32; got ${firstId}.`,
    );
  }
  if (scores && !simulator.simulateWithScore) {
    throw new InvalidArgumentError(
      'scores',
      'tasks.simulateMany: scores must be left out for a simulator without simulateWithScore; got true.',
    );
  }
}
