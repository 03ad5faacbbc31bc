import { loadEveryKernels } from '@lensfield/kernels';
import { describe, expect, test } from 'vitest';
import { createBuffers } from '../src/buffers.ts';
import { createQuasiNewton, type QuasiNewtonTarget } from '../src/marginal-score/quasi-newton.ts';

const LENGTH = 50;
/** Curvatures from 1 to 50. */
const curvature = (i: number) => 1 + i;
const centre = (i: number) => Math.sin(i);

/** A Gaussian with a quartic term, and no idea of its curvatures. */
function bentGaussian(sign = 1): QuasiNewtonTarget {
  return {
    length: LENGTH,
    logDensityAndGradient(point, gradient) {
      let value = 0;
      for (let i = 0; i < LENGTH; i++) {
        const x = point[i]! - centre(i);
        value -= 0.5 * curvature(i) * x * x + 0.25 * x ** 4;
        gradient[i] = -sign * (curvature(i) * x + x ** 3);
      }
      return value;
    },
    precondition(gradient, direction) {
      direction.set(gradient.map((x) => x / 30));
    },
  };
}

/** sum of log x - x, highest at 1, without meaning below 0. */
const barrier: QuasiNewtonTarget = {
  length: LENGTH,
  logDensityAndGradient(point, gradient) {
    gradient.set(point.map((x) => 1 / x - 1));
    return point.reduce((sum, x) => sum + Math.log(x) - x, 0);
  },
  precondition: (gradient, direction) => direction.set(gradient),
};

describe.each(await loadEveryKernels({ memoryMiB: 16 }))('quasi-Newton on $backend', (kernels) => {
  const maximiser = (target: QuasiNewtonTarget) => createQuasiNewton(kernels, createBuffers(kernels), target);
  const start = (value: number) => kernels.float32(LENGTH).fill(value);

  test('finds the maximum of a bent Gaussian with a poor preconditioner', () => {
    const point = start(3);
    const result = maximiser(bentGaussian())(point, { tolerance: 1e-8, maxIterations: 100 });
    expect(result.isConverged).toBe(true);
    /* A rise of 1e-8 at the smallest curvature is a distance of 1e-4. */
    point.forEach((x, i) => {
      expect(Math.abs(x - centre(i))).toBeLessThan(1e-4);
    });
    expect(result.value).toBeGreaterThan(-1e-7);
    /* Gradient ascent with this preconditioner needs 30 log(1e8) / 2, near 300. */
    expect(result.numGradients).toBeLessThan(60);
  });

  test('halves steps that leave the domain', () => {
    const point = start(0.01);
    expect(maximiser(barrier)(point, { tolerance: 1e-8, maxIterations: 50 }).isConverged).toBe(true);
    for (const x of point) expect(x).toBeCloseTo(1, 3);
  });

  test('says when it has not converged: too few steps, or a gradient that is not one', () => {
    const few = maximiser(bentGaussian())(start(3), { tolerance: 1e-8, maxIterations: 3 });
    expect(few.isConverged).toBe(false);
    const wrong = maximiser(bentGaussian(-1))(start(3), { tolerance: 1e-8, maxIterations: 50 });
    expect(wrong.isConverged).toBe(false);
  });
});
