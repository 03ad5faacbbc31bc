import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { gradientByDifferences } from '@lensfield/testing';
import { describe, expect, it } from 'vitest';
import {
  blanesThreeStage,
  blockMetric,
  diagonalMetric,
  hmc,
  type Integrator,
  integrate,
  type Metric,
  mclachlan,
  omelyan,
  unitMetric,
  velocityVerlet,
} from '../src/index.ts';
import { kineticEnergy } from '../src/momentum.ts';
import { determinant } from './support/determinant.ts';
import { eightSchools, quarticTarget, type TestTarget } from './support/targets.ts';

const integrators: [string, Integrator, number][] = [
  ['velocityVerlet', velocityVerlet, 2],
  ['mclachlan', mclachlan, 2],
  ['blanesThreeStage', blanesThreeStage, 2],
  ['omelyan', omelyan, 4],
];

function pointAt({ logDensityAndGradient }: TestTarget, position: number[], momentum: number[]) {
  const gradient = new Float64Array(position.length);
  const at = Float64Array.from(position);
  const logDensity = logDensityAndGradient(at, gradient);
  return { position: at, momentum: Float64Array.from(momentum), gradient, logDensity };
}

const metric2 = blockMetric(Float64Array.of(1.5, 0.4, 0.4, 0.8), new Float64Array(0));

/** Largest energy error along a trajectory of fixed length: over whole periods the end alone may return to the start by chance. */
function energyDrift(integrator: Integrator, metric: Metric, numSteps: number): number {
  const point = pointAt(quarticTarget, [1, -0.5], [0.7, 0.9]);
  const energy = () => kineticEnergy(metric, point.momentum) - point.logDensity;
  const start = energy();
  let worst = 0;
  for (let i = 0; i < numSteps; i++) {
    integrate(quarticTarget.logDensityAndGradient, integrator, metric, point, 6 / numSteps);
    worst = Math.max(worst, Math.abs(energy() - start));
  }
  return worst;
}

describe.each(integrators)('%s', (_, integrator, order) => {
  it('comes back to where it began when the step is reversed', () => {
    const point = pointAt(quarticTarget, [1, -0.5], [0.7, 0.9]);
    const step = (size: number) =>
      integrate(quarticTarget.logDensityAndGradient, integrator, metric2, point, size);
    for (let i = 0; i < 50; i++) step(0.1);
    expect(Math.abs(point.position[0] - 1)).toBeGreaterThan(0.01);
    for (let i = 0; i < 50; i++) step(-0.1);
    // 100 steps of rounding 1e-16, amplified by the trajectory's mild instability.
    for (const [value, truth] of [
      [point.position[0], 1],
      [point.position[1], -0.5],
      [point.momentum[0], 0.7],
      [point.momentum[1], 0.9],
    ]) {
      expect(Math.abs(value - truth)).toBeLessThan(1e-12);
    }
  });

  it('keeps the energy to its order, by regression', () => {
    const counts = [60, 90, 135, 200, 300];
    const x = counts.map((count) => Math.log(6 / count));
    const y = counts.map((count) => Math.log(energyDrift(integrator, metric2, count)));
    const meanX = x.reduce((a, b) => a + b) / x.length;
    const slope =
      x.reduce((sum, value, i) => sum + (value - meanX) * y[i], 0) /
      x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
    // The next even order adds a relative h^2 of at most 1e-2 to the drift: 0.1 in the slope holds with room.
    expect(Math.abs(slope - order)).toBeLessThan(0.1);
  });

  it('keeps phase-space volume', () => {
    // The determinant of the step's derivative in (q, p), by central differences: 1 for a symplectic map.
    const at = [1, -0.5, 0.7, 0.9];
    const end = (start: Float64Array) => {
      const point = pointAt(quarticTarget, [start[0], start[1]], [start[2], start[3]]);
      for (let i = 0; i < 5; i++)
        integrate(quarticTarget.logDensityAndGradient, integrator, metric2, point, 0.2);
      return [...point.position, ...point.momentum];
    };
    const rows = [0, 1, 2, 3].map((out) => [
      ...gradientByDifferences((start) => end(start)[out], Float64Array.from(at), 1e-3),
    ]);
    // Richardson differences are good to 1e-12 / 1e-3 here.
    expect(Math.abs(determinant(rows) - 1)).toBeLessThan(1e-8);
  });
});

describe('integrators with more gradients a step', () => {
  it('pay for them: smaller energy errors than leapfrogs of the same cost', () => {
    const leapfrog = energyDrift(velocityVerlet, metric2, 120);
    // Measured here 4.7, 4.0 and 21 times smaller. With its coefficient moved by 0.01 or more, McLachlan's scheme falls below 4.
    expect(energyDrift(mclachlan, metric2, 60)).toBeLessThan(leapfrog / 4);
    expect(energyDrift(blanesThreeStage, metric2, 40)).toBeLessThan(leapfrog / 3.5);
    expect(energyDrift(omelyan, metric2, 30)).toBeLessThan(leapfrog / 16);
  });
});

describe('metrics', () => {
  it('integrate alike as a block and as the diagonal it holds', () => {
    const variances = [0.5, 2, 1.5, 0.8, 1, 3, 0.7, 1.2, 0.9, 2.5];
    const block = new Float64Array(9);
    variances.slice(0, 3).forEach((variance, i) => {
      block[i * 4] = variance;
    });
    const diagonal = diagonalMetric(Float64Array.from(variances));
    const mixed = blockMetric(block, Float64Array.from(variances.slice(3)));
    const start = [...normalFloat64(keyOf(4), 20)];
    const points = [diagonal, mixed].map((metric) => {
      const point = pointAt(eightSchools, start.slice(0, 10), start.slice(10));
      for (let i = 0; i < 20; i++)
        integrate(eightSchools.logDensityAndGradient, velocityVerlet, metric, point, 0.1);
      return point;
    });
    // Equal up to rounding: the block multiplies in another order. 20 steps, values of order 1.
    const difference = (a: Float64Array, b: Float64Array) =>
      Math.max(...a.map((value, i) => Math.abs(value - b[i])));
    expect(difference(points[1].position, points[0].position)).toBeLessThan(1e-13);
    expect(difference(points[1].momentum, points[0].momentum)).toBeLessThan(1e-13);
  });

  it('refuse what is not a metric', () => {
    expect(() => diagonalMetric(Float64Array.of(1, 0))).toThrow(
      'variances must be positive and finite; got 0 at 1',
    );
    expect(() => diagonalMetric(Float64Array.of(1, Number.NaN))).toThrow('got NaN at 1');
    expect(() => blockMetric(Float64Array.of(1, 2, 2, 1), new Float64Array(1))).toThrow('positive definite');
    expect(() => blockMetric(Float64Array.of(1, 0.5, 0.1, 1), new Float64Array(1))).toThrow('symmetric');
    expect(() => blockMetric(Float64Array.of(1, 2, 3), new Float64Array(1))).toThrow(
      'length k^2; got length 3',
    );
    expect(() => unitMetric(0)).toThrow('dimension must be a positive whole number; got 0');
  });
});

describe('an integrator of the caller', () => {
  it('is refused when it is not a palindrome that sums to one', () => {
    const options = { metric: unitMetric(2), stepSize: 0.1, numIntegrationSteps: 5 };
    const make = (integrator: Integrator) => () =>
      hmc(quarticTarget.logDensityAndGradient, { ...options, integrator });
    expect(make({ kicks: [0.4, 0.6], drifts: [1] })).toThrow(
      'hmc.integrator: integrator must have palindromic shares',
    );
    expect(make({ kicks: [0.5, 0.6, 0.5], drifts: [0.5, 0.5] })).toThrow('sum to one');
    expect(make({ kicks: [1], drifts: [1] })).toThrow('one kick more than drifts');
  });
});

describe('test targets', () => {
  it('have gradients that agree with finite differences', () => {
    for (const { dimension, logDensityAndGradient } of [eightSchools, quarticTarget]) {
      const position = normalFloat64(keyOf(11), dimension);
      const gradient = new Float64Array(dimension);
      logDensityAndGradient(position, gradient);
      const numerical = gradientByDifferences(
        (at) => logDensityAndGradient(at, new Float64Array(dimension)),
        position,
        1e-3,
      );
      for (let i = 0; i < dimension; i++) expect(Math.abs(gradient[i] - numerical[i])).toBeLessThan(1e-8);
    }
  });
});
