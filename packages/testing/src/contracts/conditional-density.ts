import type { ConditionalDensity, Key } from '@lensfield/contracts';
import { describe, expect, test } from 'vitest';

/**
 * What every {@link ConditionalDensity} must satisfy: draws of the stated shape that repeat with their key, a context that may be
 * given once or once a row, and a score that is the gradient of `logProb`.
 */
export function conditionalDensityContract(
  name: string,
  density: ConditionalDensity,
  context: Float32Array,
  key: Key,
): void {
  const size = density.dimension;
  const shared = { shape: [1, density.contextDimension], data: context };

  describe(`${name} as a ConditionalDensity`, () => {
    test('draws repeat with their key and have a finite density', () => {
      const draws = density.sample(key, context, 16);
      expect(draws.shape).toEqual([16, size]);
      expect(density.sample(key, context, 16).data).toEqual(draws.data);
      expect(density.logProb(draws, shared).every(Number.isFinite)).toBe(true);
    });

    test('a shared context equals a repeated one', () => {
      const draws = density.sample(key, context, 4);
      const repeated = {
        shape: [4, context.length],
        data: Float32Array.from({ length: 4 * context.length }, (_, i) => context[i % context.length]!),
      };
      const once = density.logProb(draws, shared);
      density.logProb(draws, repeated).forEach((value, i) => {
        expect(value).toBeCloseTo(once[i]!, 4);
      });
    });

    test.runIf(density.scoreOf)('the score is the gradient of logProb', () => {
      const draws = density.sample(key, context, 4);
      const score = density.scoreOf!(draws, shared);
      // float32: a step of 1e-2 standard units balances truncation against rounding at about 1 %.
      const step = 1e-2;
      let numSmooth = 0;
      for (let j = 0; j < size; j++) {
        const difference = (by: number) => {
          const moved = (sign: number) => ({
            shape: draws.shape,
            data: draws.data.map((v, i) => (i % size === j ? v + sign * by : v)),
          });
          const down = density.logProb(moved(-1), shared);
          return density.logProb(moved(1), shared).map((up, i) => (up - down[i]!) / (2 * by));
        };
        const [whole, half] = [difference(step), difference(step / 2)];
        for (let i = 0; i < 4; i++) {
          // Where two step lengths disagree, the score has a kink between, such as at the knot of a spline.
          const tolerance = 0.03 * (1 + Math.abs(half[i]!));
          if (Math.abs(whole[i]! - half[i]!) > tolerance / 2) continue;
          numSmooth += 1;
          expect(Math.abs(score.data[i * size + j]! - half[i]!)).toBeLessThan(tolerance);
        }
      }
      expect(numSmooth).toBeGreaterThan(2 * size);
    });
  });
}
