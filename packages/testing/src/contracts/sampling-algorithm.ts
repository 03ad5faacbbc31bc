import type { Key, SamplingAlgorithm } from '@lensfield/contracts';
import { describe, expect, test } from 'vitest';

/** What every {@link SamplingAlgorithm} must satisfy: a step is a pure function of key and state, and the state survives a copy. */
export function samplingAlgorithmContract<State, Info>(
  name: string,
  algorithm: SamplingAlgorithm<State, Info>,
  position: Float64Array,
  keys: readonly [Key, Key],
): void {
  describe(`${name} as a SamplingAlgorithm`, () => {
    test('the same key and state give the same next state, another key another', () => {
      const state = algorithm.init(position.slice());
      const first = structuredClone(algorithm.step(keys[0], structuredClone(state))[0]);
      expect(structuredClone(algorithm.step(keys[0], structuredClone(state))[0])).toEqual(first);
      expect(structuredClone(algorithm.step(keys[1], structuredClone(state))[0])).not.toEqual(first);
    });

    test('a step from a copied state continues the same chain', () => {
      const [next] = algorithm.step(keys[0], algorithm.init(position.slice()));
      const copy = structuredClone(next);
      const direct = structuredClone(algorithm.step(keys[1], next)[0]);
      expect(structuredClone(algorithm.step(keys[1], copy)[0])).toEqual(direct);
    });
  });
}
