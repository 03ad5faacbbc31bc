import { determinant, keyOf, normal } from '@lensfield/kernels';
import { initTensors, tensorsOf, tf } from '@lensfield/tensors';
import { conditionalDensityContract, largestDifference } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import {
  conditionalDensity,
  createRealNvp,
  fromArrays,
  identityStandardisation,
  logProbTensor,
  toArrays,
  toBaseTensor,
} from '../src/index.ts';
import { bentFlow, normalArray, strongWeights } from './_fixtures.ts';

await initTensors();

const bent = bentFlow(5, 3, 2, 0.2);
const density = conditionalDensity(bent.flow, bent.parameters);
const context = Float32Array.from([0.3, -0.8]);
const sharedContext = { shape: [1, 2], data: context };

conditionalDensityContract('a bent flow', density, context, keyOf(1));

describe('log density', () => {
  test('integrates to one in two dimensions', () => {
    const { flow, parameters } = bentFlow(8, 2, 1);
    const plane = conditionalDensity(flow, parameters);
    const draws = plane.sample(keyOf(3), Float32Array.from([0.5]), 4000).data;
    // A grid that covers every draw with room: what lies outside is below 1e-3 of the mass.
    const grid = gridAround(draws, 220);
    const logProb = plane.logProb(grid.points, { shape: [1, 1], data: Float32Array.from([0.5]) });
    const integral = logProb.reduce((sum, value) => sum + Math.exp(value), 0) * grid.cellArea;
    expect(Math.abs(integral - 1)).toBeLessThan(0.01);
  });

  test('is the base density times the determinant of the numeric Jacobian', () => {
    const draws = density.sample(keyOf(4), context, 5);
    const logProb = density.logProb(draws, sharedContext);
    for (let row = 0; row < 5; row++) {
      const point = draws.data.slice(row * 3, row * 3 + 3);
      const base = [...toBase(point)];
      const jacobian = new Float64Array(9);
      const step = 2e-3;
      for (let j = 0; j < 3; j++) {
        const moved = (sign: number) => toBase(point.map((v, i) => (i === j ? v + sign * step : v)));
        const [up, down] = [moved(1), moved(-1)];
        for (let i = 0; i < 3; i++) jacobian[i * 3 + j] = (up[i]! - down[i]!) / (2 * step);
      }
      const expected =
        base.reduce((sum, z) => sum - 0.5 * z * z - 0.5 * Math.log(2 * Math.PI), 0) +
        Math.log(Math.abs(determinant(jacobian, 3)));
      // float32 differences with step 2e-3 carry about 1e-7 / 2e-3 = 5e-5 a coordinate, and the cubic term as much.
      expect(Math.abs(logProb[row]! - expected)).toBeLessThan(5e-3);
    }
  });
});

test('draws go back to their base points', () => {
  const draws = density.sample(keyOf(6), context, 500);
  const base = normal(keyOf(6), 1500);
  // float32 through three layers with base points out to 4: a few ulp of 5e-7 each.
  expect(largestDifference(toBase(draws.data), base)).toBeLessThan(1e-5);
});

test('many contexts at once give what one at a time gives', () => {
  const contexts = normalArray(2, [3, 2]);
  const many = density.sampleMany(keyOf(9), contexts, 5);
  expect(many.shape).toEqual([3, 5, 3]);
  const base = normal(keyOf(9), 45);
  for (let row = 0; row < 3; row++) {
    const own = contexts.data.slice(row * 2, row * 2 + 2);
    const z = toBase(many.data.slice(row * 15, row * 15 + 15), own);
    expect(largestDifference(z, base.slice(row * 15, row * 15 + 15))).toBeLessThan(1e-5);
  }
});

/** Base points of rows of y under one context. */
function toBase(y: Float32Array, own: Float32Array = context): Float32Array {
  return tf.tidy(() => {
    const rows = y.length / 3;
    const { z } = toBaseTensor(
      bent.flow,
      tensorsOf(bent.parameters.weights),
      bent.parameters.standardisation,
      tf.tensor2d(y.slice(), [rows, 3]),
      tf.tile(tf.tensor2d(own.slice(), [1, 2]), [rows, 1]),
    );
    return Float32Array.from(z.dataSync());
  });
}

test('the score agrees with differences of the log density', () => {
  const draws = density.sample(keyOf(8), context, 6);
  const score = density.scoreOf(draws, sharedContext).data;
  const step = 3e-3;
  for (let j = 0; j < 3; j++) {
    const moved = (sign: number) =>
      density.logProb(
        { shape: draws.shape, data: draws.data.map((v, i) => (i % 3 === j ? v + sign * step : v)) },
        sharedContext,
      );
    const [up, down] = [moved(1), moved(-1)];
    for (let i = 0; i < 6; i++) {
      // float32 log densities of size 5 carry 5e-7, so a difference carries 1e-4; the cubic term is of that size too.
      expect(Math.abs(score[i * 3 + j]! - (up[i]! - down[i]!) / (2 * step))).toBeLessThan(3e-3);
    }
  }
});

test('the score of the score is the second derivative', () => {
  // Gradient in y of |score|^2, which differentiates the flow twice, against differences of the score.
  const point = density.sample(keyOf(7), context, 1).data;
  const squaredScore = (y: Float32Array) =>
    density.scoreOf({ shape: [1, 3], data: y }, sharedContext).data.reduce((sum, s) => sum + s * s, 0);
  const gradient = tf.tidy(() => {
    const weights = tensorsOf(bent.parameters.weights);
    const contextTensor = tf.tensor2d(context.slice(), [1, 2]);
    const logProb = (y: tf.Tensor) =>
      tf.sum(
        logProbTensor(bent.flow, weights, bent.parameters.standardisation, y as tf.Tensor2D, contextTensor),
      );
    const norm = (y: tf.Tensor) => tf.sum(tf.square(tf.grad(logProb)(y)));
    return Array.from(
      tf
        .grad(norm)(tf.tensor2d(point.slice(), [1, 3]))
        .dataSync(),
    );
  });
  gradient.forEach((value, j) => {
    const step = 5e-3;
    const moved = (sign: number) => squaredScore(point.map((v, i) => (i === j ? v + sign * step : v)));
    const numeric = (moved(1) - moved(-1)) / (2 * step);
    // float32 scores of size 1 to 10: differences are good to about 1e-6 * 100 / 5e-3 = 2 %.
    expect(Math.abs(value - numeric)).toBeLessThan(0.02 * (1 + Math.abs(numeric)));
  });
});

test('an unconditional flow and a flow in one dimension have densities', () => {
  for (const [dimension, contextDimension] of [
    [2, 0],
    [1, 1],
  ] as const) {
    const flow = createRealNvp({ dimension, contextDimension, numLayers: 2, hiddenUnits: [4] });
    const parameters = {
      weights: strongWeights(flow, 3, 0.3),
      standardisation: identityStandardisation(dimension, contextDimension),
    };
    const small = conditionalDensity(flow, parameters);
    const draws = small.sample(keyOf(1), new Float32Array(contextDimension), 10);
    const logProb = small.logProb(draws, {
      shape: [1, contextDimension],
      data: new Float32Array(contextDimension),
    });
    expect(logProb.every(Number.isFinite)).toBe(true);
  }
});

test('nothing leaks', () => {
  const before = tf.memory().numTensors;
  density.logProb(density.sample(keyOf(1), context, 10), sharedContext);
  density.scoreOf(density.sample(keyOf(1), context, 10), sharedContext);
  expect(tf.memory().numTensors).toBe(before);
});

test('shapes that do not fit are refused', () => {
  const draws = density.sample(keyOf(1), context, 4);
  expect(() => density.logProb({ shape: [6, 2], data: draws.data }, sharedContext)).toThrow(
    'y must have shape [n, 3]; got [6, 2]',
  );
  expect(() => density.logProb(draws, { shape: [3, 2], data: new Float32Array(6) })).toThrow(
    'context must have shape [1 or 4, 2]; got [3, 2]',
  );
});

test('saved arrays bring the density back, and others are refused', () => {
  const arrays = toArrays(bent.parameters);
  const again = conditionalDensity(bent.flow, fromArrays(bent.flow, arrays));
  const draws = density.sample(keyOf(2), context, 8);
  expect(again.logProb(draws, sharedContext)).toEqual(density.logProb(draws, sharedContext));
  const other = createRealNvp({ dimension: 3, contextDimension: 4 });
  expect(() => fromArrays(other, arrays)).toThrow('standardisation/contextMean of shape [4]; got [2]');
});

function gridAround(draws: Float32Array, size: number) {
  const range = [0, 1].map((j) => {
    const column = draws.filter((_, i) => i % 2 === j);
    const [low, high] = [Math.min(...column), Math.max(...column)];
    return { low: low - 0.3 * (high - low), width: 1.6 * (high - low) };
  });
  const data = new Float32Array(size * size * 2);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) {
      data[(a * size + b) * 2] = range[0]!.low + ((a + 0.5) / size) * range[0]!.width;
      data[(a * size + b) * 2 + 1] = range[1]!.low + ((b + 0.5) / size) * range[1]!.width;
    }
  }
  const cellArea = (range[0]!.width * range[1]!.width) / size ** 2;
  return { points: { shape: [size * size, 2], data }, cellArea };
}
