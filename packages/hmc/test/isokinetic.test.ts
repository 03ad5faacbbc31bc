import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import {
  blockMetric,
  type Integrator,
  type Metric,
  mclachlan,
  unitMetric,
  velocityVerlet,
} from '../src/index.ts';
import { emptyIsokineticPoint, type IsokineticPoint, isokineticStep } from '../src/isokinetic.ts';
import { correlatedGaussian, quarticTarget, type TestTarget } from './support/targets.ts';

function pointAt({ dimension, logDensityAndGradient }: TestTarget, seed: number): IsokineticPoint {
  const point = emptyIsokineticPoint(dimension);
  point.position.set(normalFloat64(keyOf(seed), dimension));
  point.logDensity = logDensityAndGradient(point.position, point.gradient);
  const direction = normalFloat64(keyOf(seed + 1), dimension);
  const norm = Math.hypot(...direction);
  point.direction.set(direction.map((u) => u / norm));
  return point;
}

const gaussian = correlatedGaussian(6, 2);
const metric6 = blockMetric(Float64Array.of(1.5, 0.4, 0.4, 0.8), Float64Array.of(2, 1, 0.5, 3));

/** Largest energy error along a path of a fixed length. */
function energyDrift(integrator: Integrator, metric: Metric, numSteps: number): number {
  const point = pointAt(gaussian, 3);
  const start = point.logDensity;
  let [kinetic, worst] = [0, 0];
  for (let i = 0; i < numSteps; i++) {
    kinetic += isokineticStep(gaussian.logDensityAndGradient, integrator, metric, point, 4 / numSteps);
    worst = Math.max(worst, Math.abs(kinetic - (point.logDensity - start)));
  }
  return worst;
}

describe.each([
  ['velocityVerlet', velocityVerlet],
  ['mclachlan', mclachlan],
] as const)('%s', (_, integrator) => {
  it('comes back when the step is reversed, and keeps the direction a unit vector', () => {
    const point = pointAt(gaussian, 5);
    const [position, direction] = [point.position.slice(), point.direction.slice()];
    const step = (size: number) =>
      isokineticStep(gaussian.logDensityAndGradient, integrator, metric6, point, size);
    let kinetic = 0;
    for (let i = 0; i < 30; i++) kinetic += step(0.2);
    expect(Math.hypot(...point.direction)).toBeCloseTo(1, 14);
    expect(Math.hypot(...point.position.map((x, i) => x - position[i]!))).toBeGreaterThan(0.1);
    for (let i = 0; i < 30; i++) kinetic += step(-0.2);
    // 60 steps of rounding.
    point.position.forEach((x, i) => {
      expect(x).toBeCloseTo(position[i]!, 11);
    });
    point.direction.forEach((u, i) => {
      expect(u).toBeCloseTo(direction[i]!, 11);
    });
    expect(kinetic).toBeCloseTo(0, 11);
  });

  it('has an energy error that falls with the square of the step', () => {
    const order = Math.log2(energyDrift(integrator, metric6, 100) / energyDrift(integrator, metric6, 200));
    expect(Math.abs(order - 2)).toBeLessThan(0.1);
  });
});

it('in the metric of a target is the same path as in white coordinates', () => {
  const { covariance, dimension, logDensityAndGradient } = gaussian;
  const metric = blockMetric(covariance, new Float64Array(0));
  const lower = metric.denseCholesky;
  const times = (x: ArrayLike<number>) =>
    Float64Array.from({ length: dimension }, (_, i) => {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += lower[i * dimension + j]! * x[j]!;
      return sum;
    });
  const white: TestTarget = {
    dimension,
    logDensityAndGradient(y, gradient) {
      const inner = new Float64Array(dimension);
      const logDensity = logDensityAndGradient(times(y), inner);
      for (let j = 0; j < dimension; j++) {
        gradient[j] = 0;
        for (let i = j; i < dimension; i++) gradient[j] += lower[i * dimension + j]! * inner[i]!;
      }
      return logDensity;
    },
  };
  const whitePoint = pointAt(white, 8);
  const point = pointAt(gaussian, 8);
  point.position.set(times(whitePoint.position));
  point.logDensity = logDensityAndGradient(point.position, point.gradient);
  for (let i = 0; i < 20; i++) {
    isokineticStep(logDensityAndGradient, mclachlan, metric, point, 0.3);
    isokineticStep(white.logDensityAndGradient, mclachlan, unitMetric(dimension), whitePoint, 0.3);
  }
  times(whitePoint.position).forEach((x, i) => {
    expect(point.position[i]).toBeCloseTo(x, 11);
  });
});

it('survives gradients that would overflow', () => {
  const point = pointAt(quarticTarget, 1);
  point.gradient.fill(1e100);
  const change = isokineticStep(
    quarticTarget.logDensityAndGradient,
    velocityVerlet,
    unitMetric(2),
    point,
    1e-100,
  );
  expect(Number.isFinite(change)).toBe(true);
  point.gradient.fill(1e5);
  isokineticStep(quarticTarget.logDensityAndGradient, velocityVerlet, unitMetric(2), point, 1);
  expect(Math.hypot(...point.direction)).toBeCloseTo(1, 12);
});
