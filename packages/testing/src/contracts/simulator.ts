import type { Key, Simulator } from '@lensfield/contracts';
import { describe, expect, test } from 'vitest';

/** What every {@link Simulator} must satisfy: the stated shape, finite data, and the same bytes for the same key. */
export function simulatorContract(
  name: string,
  simulator: Simulator,
  theta: Float64Array,
  keys: readonly [Key, Key],
): void {
  const size = simulator.dataShape.reduce((product, n) => product * n, 1);

  describe(`${name} as a Simulator`, () => {
    test('data have the stated shape and are finite', () => {
      const { x } = simulator.simulate(keys[0], theta);
      expect(x.shape).toEqual(simulator.dataShape);
      expect(x.data.length).toBe(size);
      expect(x.data.every(Number.isFinite)).toBe(true);
    });

    test('the same key gives the same bytes, another key other data', () => {
      const first = simulator.simulate(keys[0], theta).x.data.slice();
      const other = simulator.simulate(keys[1], theta).x.data.slice();
      expect(simulator.simulate(keys[0], theta).x.data).toEqual(first);
      expect(other).not.toEqual(first);
    });

    test.runIf(simulator.simulateWithScore)('the score comes with the same data', () => {
      const plain = simulator.simulate(keys[0], theta).x.data.slice();
      const { x, score } = simulator.simulateWithScore!(keys[0], theta);
      expect(x.data).toEqual(plain);
      expect(score.length).toBe(simulator.parameterNames.length);
      expect(score.every(Number.isFinite)).toBe(true);
    });
  });
}
