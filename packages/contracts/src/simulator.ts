import type { NdArray } from './nd-array.ts';
import type { Key } from './random-key.ts';

export interface Simulation {
  readonly x: NdArray<Float32Array>;
}

export interface SimulationWithScore extends Simulation {
  /** Gradient of the joint log density of (x, latents) in the parameters, latents and x held fixed; shape [parameters]. */
  readonly score: Float64Array;
}

/** A stochastic forward model. The same key and parameters give the same bytes on any machine. */
export interface Simulator {
  readonly parameterNames: readonly string[];
  readonly dataShape: readonly number[];
  simulate(key: Key, theta: Float64Array): Simulation;
  simulateWithScore?(key: Key, theta: Float64Array): SimulationWithScore;
}

/** A simulation, by its id in a batch, that could not be made: parameters of no model, or data that are not finite. */
export interface SimulationFailure {
  readonly id: number;
  readonly theta: Float64Array;
  readonly reason: string;
}
