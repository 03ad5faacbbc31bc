import { foldIn, keyOf } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { diagonalMetric, nuts } from '../src/index.ts';
import { recursiveNutsStep } from './support/recursive-nuts.ts';
import { eightSchools, independentGaussian, quarticTarget, type TestTarget } from './support/targets.ts';

const cases: [string, TestTarget, number, number][] = [
  ['a quartic well, small steps', quarticTarget, 0.1, 8],
  ['a quartic well, large steps', quarticTarget, 0.7, 8],
  ['a quartic well, steps that diverge', quarticTarget, 3.5, 8],
  ['eight schools', eightSchools, 0.3, 7],
  // All frequencies equal: the target on which a trajectory that misses its turn runs in circles.
  ['an isotropic Gaussian', independentGaussian([1, 1, 1, 1, 1]), Math.PI / 8, 10],
  ['depth limit', independentGaussian([1, 1, 1]), 0.01, 3],
];

describe('iterative NUTS against its recursive twin', () => {
  it.each(cases)('%s: the same draws, depths and acceptance', (_, target, stepSize, maxTreeDepth) => {
    const inverseMass = Array.from({ length: target.dimension }, (_, i) => 1 + 0.1 * i);
    const { init, step } = nuts(target.logDensityAndGradient, {
      stepSize,
      maxTreeDepth,
      // The twin knows one step size.
      jitter: 0,
      metric: diagonalMetric(Float64Array.from(inverseMass)),
    });
    let state = init(new Float64Array(target.dimension).fill(0.5));
    const depths = new Set<number>();
    let numDivergent = 0;
    for (let draw = 0; draw < 100; draw++) {
      const key = foldIn(keyOf(7), draw);
      const twin = recursiveNutsStep(key, [...state.position], {
        ...target,
        stepSize,
        inverseMass,
        maxTreeDepth,
      });
      const [next, info] = step(key, state);
      // Rounding of sums in another order, through at most 2^10 steps.
      for (let i = 0; i < target.dimension; i++)
        expect(Math.abs(next.position[i] - twin.position[i])).toBeLessThan(1e-9);
      expect(info.treeDepth).toBe(twin.depth);
      expect(info.numIntegrationSteps).toBe(twin.numSteps);
      expect(info.isDivergent).toBe(twin.isDivergent);
      expect(Math.abs(info.acceptanceRate - twin.acceptanceRate)).toBeLessThan(1e-9);
      depths.add(info.treeDepth);
      numDivergent += info.isDivergent ? 1 : 0;
      state = next;
    }
    if (stepSize === 3.5) expect(numDivergent).toBeGreaterThan(10);
    if (stepSize === 0.01) expect([...depths]).toEqual([3]);
  });
});
