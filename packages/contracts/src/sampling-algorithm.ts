import type { FloatArray } from './nd-array.ts';
import type { Key } from './random-key.ts';

/**
 * A Markov chain as two pure functions. `State` is plain data that holds only what the next step needs, so that it can be written
 * to disk after any step; `Info` is for diagnosis.
 */
export interface SamplingAlgorithm<State, Info, A extends FloatArray = Float64Array> {
  init(position: A): State;
  step(key: Key, state: State): readonly [State, Info];
}
