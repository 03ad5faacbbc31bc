import type { Key, Prior } from '@lensfield/contracts';
import { describe, expect, test } from 'vitest';
import { gradientByDifferences } from '../finite-differences.ts';

/** What every {@link Prior} must satisfy: draws inside the bounds, an exact round trip, a true Jacobian, a normal pull-back. */
export function priorContract(name: string, prior: Prior, key: Key): void {
  const size = prior.names.length;
  const draws = prior.sample(key, 200);
  const row = (i: number) => draws.data.slice(i * size, (i + 1) * size);

  describe(`${name} as a Prior`, () => {
    test('draws lie inside the bounds and have a finite density', () => {
      for (let i = 0; i < 200; i++) {
        const theta = row(i);
        theta.forEach((value, j) => {
          const [low, high] = prior.bounds[j]!;
          expect(value >= low && value <= high).toBe(true);
        });
        expect(Number.isFinite(prior.logProb(theta))).toBe(true);
      }
    });

    test('the same key gives the same draws', () => {
      expect(prior.sample(key, 200).data).toEqual(draws.data);
    });

    test('to unconstrained and back is the identity', () => {
      for (let i = 0; i < 50; i++) {
        const theta = row(i);
        const back = prior.fromUnconstrained(prior.toUnconstrained(theta)).theta;
        // The normal quantile loses digits in the tails: 1e-9 is far below any use of a parameter.
        back.forEach((value, j) => {
          expect(Math.abs(value - theta[j]!)).toBeLessThan(1e-9 * (1 + Math.abs(value)));
        });
      }
    });

    test('the Jacobian agrees with finite differences, and its determinant with logJacobian', () => {
      const u = prior.toUnconstrained(row(0));
      const { jacobian, logJacobian } = prior.fromUnconstrained(u);
      for (let i = 0; i < size; i++) {
        const numeric = gradientByDifferences((v) => prior.fromUnconstrained(v).theta[i]!, u, 1e-3);
        for (let j = 0; j < size; j++) expect(jacobian[i * size + j]).toBeCloseTo(numeric[j]!, 7);
      }
      expect(logJacobian).toBeCloseTo(logAbsDeterminant(jacobian, size), 9);
    });

    test('the prior is standard normal in unconstrained coordinates', () => {
      for (let i = 0; i < 20; i++) {
        const u = prior.toUnconstrained(row(i));
        const { theta, logJacobian } = prior.fromUnconstrained(u);
        const normal = u.reduce((sum, value) => sum - 0.5 * (value * value + Math.log(2 * Math.PI)), 0);
        expect(prior.logProb(theta) + logJacobian).toBeCloseTo(normal, 7);
      }
    });
  });
}

function logAbsDeterminant(matrix: Float64Array, n: number): number {
  const a = matrix.slice();
  let result = 0;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
    for (let j = 0; j < n; j++) {
      const swap = a[k * n + j]!;
      a[k * n + j] = a[pivot * n + j]!;
      a[pivot * n + j] = swap;
    }
    result += Math.log(Math.abs(a[k * n + k]!));
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      for (let j = k; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
    }
  }
  return result;
}
