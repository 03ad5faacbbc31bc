import { keyOf, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { createChain, pathfinder } from '../src/index.ts';
import { moveAlong } from '../src/white-coordinates.ts';
import { correlatedGaussian, independentGaussian } from './support/targets.ts';

describe('pathfinder', () => {
  it('finds a Gaussian of few coordinates to a few tenths of a nat', () => {
    const { logDensityAndGradient, covariance, dimension } = correlatedGaussian(5, 2);
    const start = normalFloat64(keyOf(1), dimension).map((x) => 5 * x);
    const { mean, evidenceLowerBound } = pathfinder(logDensityAndGradient, {
      key: keyOf(2),
      initialPosition: start,
      numDraws: 200,
    });
    mean.forEach((x, i) => {
      expect(Math.abs(x) / Math.sqrt(covariance[i * (dimension + 1)])).toBeLessThan(0.2);
    });
    // The log of the integral of the density, (2 pi)^(n / 2) |S|^(1/2), less the divergence of the approximation; the mean of 200 draws
    // has an error of about 0.1.
    const truth = (dimension * Math.log(2 * Math.PI) + logDeterminant(covariance, dimension)) / 2;
    expect(evidenceLowerBound - truth).toBeLessThan(0.5);
    expect(evidenceLowerBound - truth).toBeGreaterThan(-0.5);
  });

  const deviations = Array.from({ length: 30 }, (_, i) => 10 ** (i / 14.5 - 1));
  const scales = independentGaussian(deviations);
  const initialPosition = Float64Array.from(deviations, (s) => 3 * s + 1);

  it('learns scales over two decades', () => {
    const { metric } = pathfinder(scales.logDensityAndGradient, { key: keyOf(3), initialPosition });
    // From 0.01 to 100; a path of a few dozen steps finds the worst of thirty variances to a factor of 10 (measured), most to 2.
    const errors = deviations.map((s, k) => Math.abs(Math.log(columnOf(metric, k, 30)[k] / s ** 2)));
    expect(Math.max(...errors)).toBeLessThan(Math.log(12));
    expect(errors.toSorted((a, b) => a - b)[15]).toBeLessThan(Math.log(2));
  });

  it('starts a chain that needs a third of the gradients of one without it', () => {
    const { position, metric, numGradients } = pathfinder(scales.logDensityAndGradient, {
      key: keyOf(4),
      initialPosition,
    });
    const gradientsOf = (start: Float64Array, initialMetric?: typeof metric) => {
      const chain = createChain(scales.logDensityAndGradient, 30, {
        key: keyOf(5),
        numWarmup: 100,
        numSamples: 0,
        adaptation: { ...(initialMetric !== undefined && { initialMetric }), adaptMetric: false },
      });
      const state = chain.init(start);
      while (state.draw < 100) chain.advance(state);
      return state.gradients.warmup;
    };
    const plain = gradientsOf(initialPosition);
    expect(numGradients + gradientsOf(position, metric)).toBeLessThan(plain / 3);
  });

  it('gives the same result for the same key, another draw for another', () => {
    const { logDensityAndGradient } = independentGaussian([1, 2]);
    const run = (seed: number) =>
      pathfinder(logDensityAndGradient, { key: keyOf(seed), initialPosition: Float64Array.of(4, -3) });
    expect(run(1)).toEqual(run(1));
    expect(run(1).position).not.toEqual(run(2).position);
  });

  it('refuses a start outside the support, and options out of range', () => {
    const wall = (_: Float64Array, gradient: Float64Array) => {
      gradient.fill(0);
      return Number.NEGATIVE_INFINITY;
    };
    const start = { key: keyOf(1), initialPosition: Float64Array.of(1) };
    expect(() => pathfinder(wall, start)).toThrow('must be finite at the initial position');
    const { logDensityAndGradient } = independentGaussian([1]);
    expect(() => pathfinder(logDensityAndGradient, { ...start, history: 0 })).toThrow(
      'history must be a whole number of at least 1; got 0',
    );
    const flat = (_: Float64Array, gradient: Float64Array) => {
      gradient.fill(0);
      return 0;
    };
    expect(() => pathfinder(flat, start)).toThrow('some point of the path must have a finite lower bound');
  });
});

/** Column k of the inverse mass matrix, C C' e_k. */
function columnOf(metric: Parameters<typeof moveAlong>[0], k: number, n: number): Float64Array {
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const root = new Float64Array(n);
    moveAlong(
      metric,
      new Float64Array(n).map((_, i) => (i === j ? 1 : 0)),
      1,
      root,
    );
    for (let i = 0; i < n; i++) column[i] += root[i] * root[k];
  }
  return column;
}

/** By elimination; the matrix is positive definite. */
function logDeterminant(matrix: Float64Array, n: number): number {
  const a = matrix.slice();
  let sum = 0;
  for (let c = 0; c < n; c++) {
    sum += Math.log(a[c * n + c]);
    for (let r = c + 1; r < n; r++) {
      const ratio = a[r * n + c] / a[c * n + c];
      for (let k = c; k < n; k++) a[r * n + k] -= ratio * a[c * n + k];
    }
  }
  return sum;
}
