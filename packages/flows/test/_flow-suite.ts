import type { NdArray } from '@lensfield/contracts';
import { determinant, keyOf, normal } from '@lensfield/kernels';
import { kernelReport, parameterVector, tensorsOf, tf, valueAndGradients } from '@lensfield/tensors';
import { conditionalDensityContract, largestDifference } from '@lensfield/testing';
import { describe, expect, test } from 'vitest';
import {
  type BijectiveFlow,
  conditionalDensity,
  createFlow,
  type Flow,
  type FlowArchitecture,
  type FlowParameters,
  logProbTensor,
  toBaseTensor,
} from '../src/index.ts';
import { bentParameters, gridAround, normalArray } from './_fixtures.ts';

const DIMENSION = 3;
const CONTEXT = Float32Array.from([0.3, -0.8]);
const sharedContext: NdArray<Float32Array> = { shape: [1, 2], data: CONTEXT };

/**
 * Everything that a kind of flow must satisfy, at weights far from the identity: the contract of a conditional density, an exact
 * round trip, a log determinant that is the Jacobian's, a density that integrates to one, first and second derivatives.
 *
 * @param strength  Size of the noise on the weights: as large as float32 bears.
 */
export function flowSuite(name: string, architecture: FlowArchitecture, strength: number): void {
  const sized = (dimension: number, contextDimension: number) =>
    createFlow({ ...architecture, dimension, contextDimension });
  const flow = sized(DIMENSION, 2);
  const parameters = bentParameters(flow, 5, strength);
  const density = conditionalDensity(flow, parameters);

  conditionalDensityContract(name, density, CONTEXT, keyOf(1));

  describe(name, () => {
    if (flow.kind !== 'mixture') testBijection(flow, parameters);
    testDerivatives(flow, parameters);

    test('integrates to one in two dimensions, and has its draws where it has its mass', () => {
      const plane = sized(2, 1);
      const flat = conditionalDensity(plane, bentParameters(plane, 8, strength));
      const context = { shape: [1, 1], data: Float32Array.from([0.5]) };
      const draws = flat.sample(keyOf(3), context.data, 4000).data;
      // A grid that covers every draw with room: what lies outside is below 1e-3 of the mass.
      const { points, cellArea } = gridAround(draws, 250);
      const mass = flat.logProb(points, context).map((value) => Math.exp(value) * cellArea);
      expect(Math.abs(mass.reduce((sum, value) => sum + value, 0) - 1)).toBeLessThan(0.01);
      const [x, y] = [0, 1].map((j) => meanOf(draws.filter((_, i) => i % 2 === j))) as [number, number];
      for (const [right, up] of [
        [true, true],
        [true, false],
        [false, true],
      ]) {
        const isThere = (of: Float32Array, i: number) =>
          of[2 * i]! > x === right && of[2 * i + 1]! > y === up;
        const share = meanOf(Float32Array.from({ length: 4000 }, (_, i) => (isThere(draws, i) ? 1 : 0)));
        const expected = mass.reduce((sum, value, i) => sum + (isThere(points.data, i) ? value : 0), 0);
        // A share of 4000 draws has a standard error of at most 0.008; cells on the border hold as much.
        expect(Math.abs(share - expected)).toBeLessThan(5 * 0.008);
      }
    });

    test('works without a context and in one dimension', () => {
      for (const [dimension, contextDimension] of [
        [2, 0],
        [1, 1],
        [1, 0],
      ] as const) {
        const small = sized(dimension, contextDimension);
        const own = conditionalDensity(small, bentParameters(small, 3, strength));
        const context = new Float32Array(contextDimension);
        const draws = own.sample(keyOf(1), context, 10);
        const logProb = own.logProb(draws, { shape: [1, contextDimension], data: context });
        expect(logProb.every(Number.isFinite)).toBe(true);
      }
    });

    test('far from the data the density is finite and falls', () => {
      const far = { shape: [2, 3], data: Float32Array.from([30, -30, 30, 60, -60, 60]) };
      const [near, beyond] = density.logProb(far, sharedContext);
      expect(Number.isFinite(near)).toBe(true);
      expect(beyond!).toBeLessThan(near!);
    });

    test('nothing leaks, and no kernel falls back', () => {
      kernelReport({ reset: true });
      const before = tf.memory().numTensors;
      const draws = density.sample(keyOf(1), CONTEXT, 10);
      density.logProb(draws, sharedContext);
      density.scoreOf(draws, sharedContext);
      expect(tf.memory().numTensors).toBe(before);
      expect(kernelReport().fallbacks).toEqual({});
    });
  });
}

const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value / values.length, 0);

function testBijection(flow: BijectiveFlow, parameters: FlowParameters): void {
  const density = conditionalDensity(flow, parameters);
  const size = flow.dimension;
  /** Base points, log determinants and Jacobians of rows of y under the one context. */
  const toBase = (y: Float32Array) => {
    const rows = y.length / size;
    const arrays = tf.tidy(() => {
      const weights = tensorsOf(parameters.weights);
      const context = tf.tile(tf.tensor2d(CONTEXT.slice(), [1, 2]), [rows, 1]);
      const at = (points: tf.Tensor) =>
        toBaseTensor(flow, weights, parameters.standardisation, points as tf.Tensor2D, context);
      const points = tf.tensor2d(y.slice(), [rows, size]);
      const { z, logDet } = at(points);
      const jacobianRows = Array.from({ length: size }, (_, i) =>
        tf.grad((moved: tf.Tensor) => tf.sum(tf.slice(at(moved).z, [0, i], [rows, 1])))(points),
      );
      return [z, logDet, tf.stack(jacobianRows, 1)].map(
        (tensor) => tensor.dataSync() as Float32Array,
      ) as unknown as tf.Tensor[];
    }) as unknown as Float32Array[];
    const [z, logDet, jacobians] = arrays as [Float32Array, Float32Array, Float32Array];
    const jacobian = (row: number) =>
      Float64Array.from(jacobians.subarray(row * size ** 2, (row + 1) * size ** 2));
    return { z, logDet, jacobian };
  };

  test('draws go back to their base points', () => {
    const draws = density.sample(keyOf(6), CONTEXT, 500);
    // float32 through three layers with base points out to 4: a few ulp of 5e-7 each.
    expect(largestDifference(toBase(draws.data).z, normal(keyOf(6), 500 * size))).toBeLessThan(1e-5);
  });

  test('many contexts at once give what one at a time gives', () => {
    const contexts = normalArray(2, [3, 2]);
    const many = density.sampleMany(keyOf(9), contexts, 5);
    expect(many.shape).toEqual([3, 5, size]);
    const tiled = new Float32Array(30).map((_, i) => contexts.data[2 * Math.floor(i / 10) + (i % 2)]!);
    const single = conditionalDensity(flow, parameters).sampleMany(
      keyOf(9),
      { shape: [15, 2], data: tiled },
      1,
    );
    expect(largestDifference(many.data, single.data)).toBeLessThan(1e-6);
  });

  test('the log determinant is that of the Jacobian', () => {
    const draws = density.sample(keyOf(4), CONTEXT, 40).data;
    const { logDet, jacobian } = toBase(draws);
    for (let row = 0; row < 40; row++) {
      const numeric = Math.log(Math.abs(determinant(jacobian(row), size)));
      expect(Math.abs(logDet[row]! - numeric), `row ${row}`).toBeLessThan(1e-4);
    }
  });

  test('the Jacobian is that of differences', () => {
    const draws = density.sample(keyOf(4), CONTEXT, 8).data;
    const { jacobian } = toBase(draws);
    const step = 2e-3;
    for (let j = 0; j < size; j++) {
      const moved = (sign: number) => toBase(draws.map((v, i) => (i % size === j ? v + sign * step : v))).z;
      const [up, down] = [moved(1), moved(-1)];
      for (let row = 0; row < 8; row++) {
        for (let i = 0; i < size; i++) {
          const numeric = (up[row * size + i]! - down[row * size + i]!) / (2 * step);
          // float32 points of size 4 differ by 5e-7 / 4e-3 = 1e-4 at best; the cubic term is of the size of the slope's curvature.
          const exact = jacobian(row)[i * size + j]!;
          expect(Math.abs(exact - numeric)).toBeLessThan(0.01 * (1 + Math.abs(numeric)));
        }
      }
    }
  });
}

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Rows of y and context. */
type Rows = readonly [y: NdArray<Float32Array>, context: NdArray<Float32Array>];

const NUM_ROWS = 6;

function testDerivatives(flow: Flow, parameters: FlowParameters): void {
  const { weights, standardisation } = parameters;
  const at: Rows = [
    conditionalDensity(flow, parameters).sample(keyOf(8), CONTEXT, NUM_ROWS),
    normalArray(14, [NUM_ROWS, 2]),
  ];
  const tensorRows = ([y, context]: Rows) =>
    [y, context].map(({ shape, data }) => tf.tensor2d(data, shape as [number, number])) as [
      tf.Tensor2D,
      tf.Tensor2D,
    ];
  const logProbs = (tensors: Tensors, y: tf.Tensor, context: tf.Tensor) =>
    logProbTensor(flow, tensors, standardisation, y as tf.Tensor2D, context as tf.Tensor2D);
  /** |score|^2 of each row, in y and in the context: its gradient differentiates the flow twice. */
  const squaredScores = (tensors: Tensors, y: tf.Tensor, context: tf.Tensor) => {
    const scores = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(logProbs(tensors, a, b)))([y, context]);
    return tf.addN(scores.map((score) => tf.sum(tf.square(score), 1)));
  };

  /** Compares the gradient of f in y and context, row by row, with differences. */
  const testInRows = (
    f: (tensors: Tensors, y: tf.Tensor, context: tf.Tensor) => tf.Tensor,
    step: number,
    tolerance: number,
  ) => {
    const values = (rows: Rows) => tf.tidy(() => f(tensorsOf(weights), ...tensorRows(rows))).dataSync();
    const exact = tf.tidy(() => {
      const tensors = tensorsOf(weights);
      const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(f(tensors, a, b)))(tensorRows(at));
      return tf.concat(gradients, 1).dataSync();
    });
    const width = flow.dimension + 2;
    const comparisons = [];
    for (let j = 0; j < width; j++) {
      const moved = [1, -1, 0.5, -0.5].map((sign) => values(movedColumn(at, j, sign * step)));
      for (let row = 0; row < NUM_ROWS; row++) {
        const differences = centralDifferences(moved.map((v) => v[row]!) as Four, step);
        comparisons.push({ exact: exact[row * width + j]!, ...differences });
      }
    }
    expectAgreement(comparisons, tolerance);
  };

  test('the scores in y and in the context are differences of the log density', () => {
    // float32 log densities of size 10 carry 1e-6, so a difference carries 3e-4; the cubic term is larger where the flow bends.
    testInRows(logProbs, 3e-3, 0.01);
  });

  test('second derivatives in y and the context are differences of the scores', () => {
    // Squared scores of size 1 to 100 in float32: differences are good to about 1e-6 * 100 / 8e-3, or 2 %.
    testInRows(squaredScores, 4e-3, 0.02);
  });

  test('gradients in the weights, of log density and squared scores, are differences', () => {
    const loss = (tensors: Tensors) => {
      const [y, context] = tensorRows(at);
      const squares = tf.sum(squaredScores(tensors, y, context));
      return tf.sub(tf.mul(squares, 0.01), tf.sum(logProbs(tensors, y, context))) as tf.Scalar;
    };
    const vector = parameterVector(weights);
    const { gradients } = valueAndGradients(loss, vector);
    const step = 2e-3;
    const comparisons = Array.from({ length: 12 }, (_, i) => {
      const direction = normal(keyOf(30 + i), vector.values.length);
      const norm = Math.sqrt(direction.reduce((sum, v) => sum + v * v, 0));
      const moved = (by: number) =>
        valueAndGradients(loss, {
          ...vector,
          values: vector.values.map((v, k) => v + (by * direction[k]!) / norm),
        }).value;
      const exact = gradients.values.reduce((sum, g, k) => sum + (g * direction[k]!) / norm, 0);
      const values = [step, -step, step / 2, -step / 2].map(moved) as Four;
      return { exact, ...centralDifferences(values, step) };
    });
    // float32 losses of size 50 carry 5e-6, so the differences carry 3e-3 of a derivative of size 1 to 100.
    expectAgreement(comparisons, 0.02);
  });
}

/** The rows with column j of y and context, side by side, moved. */
function movedColumn([y, context]: Rows, j: number, by: number): Rows {
  const width = y.shape[1]!;
  const moved = (array: NdArray<Float32Array>, column: number) => ({
    shape: array.shape,
    data: array.data.map((v, i) => (i % array.shape[1]! === column ? v + by : v)),
  });
  return [moved(y, j), moved(context, j - width)];
}

/** Values at one step up, one down, half a step up and half a step down. */
type Four = [number, number, number, number];

function centralDifferences([up, down, halfUp, halfDown]: Four, step: number) {
  return { whole: (up - down) / (2 * step), half: (halfUp - halfDown) / step };
}

/**
 * Where the differences of two step lengths agree, the derivative must agree with them. At a knot the second derivative of a spline
 * jumps, and its differences there say nothing: such places are left out, and must be few.
 */
function expectAgreement(
  comparisons: readonly { exact: number; whole: number; half: number }[],
  tolerance: number,
): void {
  const isSmooth = ({ whole, half }: { whole: number; half: number }) =>
    Math.abs(whole - half) < 0.5 * tolerance * (1 + Math.abs(half));
  const smooth = comparisons.filter(isSmooth);
  for (const { exact, half } of smooth) {
    expect(Math.abs(exact - half)).toBeLessThan(tolerance * (1 + Math.abs(half)));
  }
  expect(smooth.length).toBeGreaterThan(0.7 * comparisons.length);
}
