import { describe, expect, test } from 'vitest';
import { allocateStages, dormandPrinceStep, embeddedError } from '../src/ode/dormand-prince.ts';
import { createIntegrator, type OdeSystem } from '../src/ode/integrator.ts';

/** A pendulum far from small angles. */
const pendulum: OdeSystem = {
  dimension: 2,
  numControlled: 2,
  derivative(y, dy) {
    dy[0] = y[1]!;
    dy[1] = -Math.sin(y[0]!);
  },
};

/** Angle and velocity after time 3 by `numSteps` equal steps, and the largest error that the pair saw. */
function fixedSteps(numSteps: number) {
  const stages = allocateStages(2);
  stages.y.set([1.5, 0]);
  let embedded = 0;
  for (let i = 0; i < numSteps; i++) {
    pendulum.derivative(stages.y, stages.k1);
    dormandPrinceStep(pendulum.derivative, stages, 3 / numSteps);
    embedded = Math.max(embedded, Math.abs((3 / numSteps) * embeddedError(stages, 1)));
    stages.y.set(stages.trial);
  }
  return { end: stages.y.slice(), embedded };
}

describe('a step of Dormand and Prince', () => {
  test('has order 5, and its error estimate order 5 in one step', () => {
    const exact = fixedSteps(2000).end;
    const [coarse, fine] = [20, 40].map(fixedSteps) as [
      ReturnType<typeof fixedSteps>,
      ReturnType<typeof fixedSteps>,
    ];
    const error = ({ end }: { end: Float64Array }) => Math.hypot(end[0]! - exact[0]!, end[1]! - exact[1]!);
    // Slopes of error over step at two steps: the next order moves them by less than half.
    expect(Math.abs(Math.log2(error(coarse) / error(fine)) - 5)).toBeLessThan(0.5);
    expect(Math.abs(Math.log2(coarse.embedded / fine.embedded) - 5)).toBeLessThan(0.5);
  });
});

describe('createIntegrator', () => {
  const times = Float64Array.of(0, 0.3, 1, 7.5);
  const solve = (tolerance: number, system = pendulum, maxSteps = 10_000) => {
    const out = new Float64Array(times.length * system.dimension);
    const start = new Float64Array(system.dimension);
    start[0] = 1.5;
    return { done: createIntegrator(system, { tolerance, maxSteps }).integrate(start, times, out), out };
  };

  test('errors follow the tolerance', () => {
    const exact = solve(1e-13).out;
    const errorAt = (tolerance: number) =>
      solve(tolerance).out.reduce((largest, value, i) => Math.max(largest, Math.abs(value - exact[i]!)), 0);
    // Errors of a few dozen steps add up to less than ten times that of one.
    for (const tolerance of [1e-5, 1e-7, 1e-9]) {
      expect(errorAt(tolerance)).toBeLessThan(10 * tolerance);
      expect(errorAt(tolerance)).toBeGreaterThan(0.001 * tolerance);
    }
  });

  test('components that go along neither set the steps nor change the others', () => {
    const free: OdeSystem = {
      dimension: 3,
      numControlled: 2,
      derivative(y, dy) {
        pendulum.derivative(y, dy);
        dy[2] = 100 * Math.cos(50 * y[0]!);
      },
    };
    const { out } = solve(1e-6);
    const along = solve(1e-6, free).out;
    for (let i = 0; i < times.length; i++)
      expect(along.slice(3 * i, 3 * i + 2)).toEqual(out.slice(2 * i, 2 * i + 2));
  });

  test('steps whose stages overflow are tried shorter; running out of steps is said', () => {
    /** y = t as far as 5, and nothing beyond. */
    const cliff: OdeSystem = {
      dimension: 1,
      numControlled: 1,
      derivative: (y, dy) => {
        dy[0] = y[0]! > 5 ? Number.NaN : 1;
      },
    };
    const out = new Float64Array(2);
    const integrator = createIntegrator(cliff, { tolerance: 1e-6, maxSteps: 100 });
    expect(integrator.integrate(Float64Array.of(0), Float64Array.of(0, 4.999999), out)).toBe(true);
    expect(out[1]).toBeCloseTo(4.999999, 9);
    expect(integrator.integrate(Float64Array.of(0), Float64Array.of(0, 6), out)).toBe(false);
    expect(solve(1e-9, pendulum, 20).done).toBe(false);
  });
});
