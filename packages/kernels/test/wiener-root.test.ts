import { describe, expect, test } from 'vitest';
import {
  keyOf,
  loadEveryKernels,
  normal,
  normalFloat64,
  symmetricEigen,
  uniformFloat64,
  wienerResidual,
  wienerRootGradient,
  wienerRoots,
} from '../src/index.ts';
import { packedMatrices, pairsOf, unpack } from './packed-matrices.ts';

/** Root and evidence of one mode by the eigenproblem solver of this package, one matrix at a time. */
function slowWiener(spectra: number[][], response: Float64Array, power: number[][]) {
  const size = spectra.length;
  const signal = spectra.map((row, i) => row.map((value, j) => value * response[i]! * response[j]!));
  const { values, vectors } = symmetricEigen(Float64Array.from(signal.flat()), size);
  const above = values.map((value) => Math.max(value, 0));
  const combine = (f: (e: number) => number) =>
    signal.map((_, i) =>
      signal.map((__, j) =>
        above.reduce((sum, e, k) => sum + vectors[i * size + k]! * f(e) * vectors[j * size + k]!, 0),
      ),
    );
  const inverse = combine((e) => 1 / (1 + e)).flat();
  const trace = power.flat().reduce((sum, value, at) => sum + value * inverse[at]!, 0);
  const logDeterminant = above.reduce((sum, e) => sum + Math.log1p(e), 0);
  return { root: lowerRoot(combine((e) => e / (1 + e))), evidence: -0.5 * (trace + logDeterminant) };
}

/** Roots of pivots that rounding alone may have left. */
const NO_SIGNAL = 3e-6;

/** L with L L^T = matrix, transposed: the upper triangle holds L. */
function lowerRoot(matrix: number[][]): number[][] {
  const size = matrix.length;
  const root = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < size; i++)
    for (let j = i; j < size; j++) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < i; k++) sum -= root[k]![i]! * root[k]![j]!;
      const pivot = i === j ? Math.sqrt(Math.max(sum, 0)) : root[i]![i]!;
      if (pivot > NO_SIGNAL) root[i]![j] = i === j ? pivot : sum / pivot;
    }
  return root;
}

const CASES = [
  [1, -0.1],
  [2, -0.1],
  [3, 1],
  [5, 0],
  [5, 2],
  [7, 0],
] as const;

describe.each(await loadEveryKernels({ threads: 2 }))('Wiener roots on $backend', (kernels) => {
  describe.each(CASES)('size %i, eigenvalues lowered by %i', (size, shift) => {
    const [count, stride] = [37, pairsOf(size) + 1];
    const options = { count, size, stride };
    const counts = Float64Array.from({ length: count }, (_, m) => 1 + (m % 3));
    const spectra = packedMatrices(1, count, size, stride, shift);
    const power = packedMatrices(2, count, size, stride);
    const response = uniformFloat64(keyOf(3), size).map((u) => 0.5 + u);
    const weights = normalFloat64(keyOf(4), count * stride);
    const modes = { spectra, response, power };

    test('root and evidence are those of another eigenproblem solver', () => {
      const root = new Float64Array(count * stride);
      const evidence = new Float64Array(count);
      wienerRoots(kernels, modes, root, evidence, options);
      for (let m = 0; m < count; m++) {
        const exact = slowWiener(
          unpack(spectra, m * stride, size),
          response,
          unpack(power, m * stride, size),
        );
        expect(Math.abs(evidence[m]! - exact.evidence)).toBeLessThan(1e-12 * (1 + Math.abs(exact.evidence)));
        const got = unpack(root, m * stride, size);
        // The root of an eigenvalue near zero is only as good as sqrt(epsilon), worse after others of the kind.
        for (let i = 0; i < size; i++)
          for (let j = i; j < size; j++)
            expect(Math.abs(got[i]![j]! - exact.root[i]![j]!)).toBeLessThan(1e-6);
      }
    });

    /** The scalar whose gradient is tested: all roots with fixed weights, and all evidences, each mode `counts` times. */
    const scalar = (g: Float64Array, r: Float64Array) => {
      let sum = 0;
      for (let m = 0; m < count; m++) {
        const { root, evidence } = slowWiener(
          unpack(g, m * stride, size),
          r,
          unpack(power, m * stride, size),
        );
        let own = evidence;
        for (let i = 0, pair = m * stride; i < size; i++)
          for (let j = i; j < size; j++) own += weights[pair++]! * root[i]![j]!;
        sum += counts[m]! * own;
      }
      return sum;
    };

    test('gradients are those of differences', () => {
      const root = new Float64Array(count * stride);
      wienerRoots(kernels, modes, root, new Float64Array(count), options);
      const gradient = new Float64Array(count * stride);
      const responseGradient = new Float64Array(size);
      wienerRootGradient(kernels, modes, { cotangent: weights, counts, gradient, responseGradient }, options);
      const step = 1e-6;
      for (let k = 0; k < 3; k++) {
        const direction = normalFloat64(keyOf(10 + k), count * stride);
        const moved = (sign: number) => spectra.map((value, at) => value + sign * step * direction[at]!);
        const slope = (scalar(moved(1), response) - scalar(moved(-1), response)) / (2 * step);
        let got = 0;
        for (let m = 0; m < count; m++)
          for (let pair = 0; pair < pairsOf(size); pair++)
            got += counts[m]! * gradient[m * stride + pair]! * direction[m * stride + pair]!;
        /* Differences err by eps / step of the sum, a few hundred. */
        expect(Math.abs(got - slope)).toBeLessThan(1e-5 * Math.abs(slope) + 1e-5);
      }
      responseGradient.forEach((value, i) => {
        const moved = (sign: number) => response.map((r, at) => r + (at === i ? sign * step : 0));
        const slope = (scalar(spectra, moved(1)) - scalar(spectra, moved(-1))) / (2 * step);
        expect(Math.abs(value - slope)).toBeLessThan(1e-5 * Math.abs(slope) + 1e-5);
      });
    });
  });

  test.each([5, 64, 9001])('the residual of %i pixels and its gradients', (pixels) => {
    const fields = 2;
    const h = normal(keyOf(1), fields * pixels);
    const data = normal(keyOf(2), fields * pixels).map((x) => 0.05 * x);
    const linear = normal(keyOf(3), fields * pixels);
    /* Some pixels have no data. */
    const inverseNoise = Float32Array.from(data, (_, i) => (i % 7 === 3 ? 0 : 1 / (0.03 + 0.01 * (i % 3))));
    const scaled = data.map((x, i) => x * inverseNoise[i]!);
    const scale = Float64Array.of(0.05, 0.03);
    const shift = Float64Array.of(0.1, 0.15);
    const variance = Float64Array.of(0.3, 0.1);
    const exact = (field: number, moved: { h?: Float64Array; shift?: number; variance?: number } = {}) => {
      const [sd, s, v] = [scale[field]!, moved.shift ?? shift[field]!, moved.variance ?? variance[field]!];
      let sum = 0;
      for (let i = 0; i < pixels; i++) {
        const x = moved.h?.[i] ?? h[field * pixels + i]!;
        const at = field * pixels + i;
        const kappa = s * (Math.exp((sd / s) * x - v / 2) - 1);
        sum += 0.5 * (linear[at]! - x) ** 2 - 0.5 * (scaled[at]! - inverseNoise[at]! * kappa) ** 2;
      }
      return sum;
    };
    const gradient = new Float32Array(fields * pixels);
    const sums = new Float64Array(3 * fields);
    wienerResidual(
      kernels,
      { scaled: h, linear, data: scaled, inverseNoise, gradient, sums, scale },
      { shift, variance },
    );
    for (let field = 0; field < fields; field++) {
      const size = pixels; /* every pixel contributes a number of order 1 with an error of 1e-6 */
      expect(Math.abs(sums[3 * field]! - exact(field))).toBeLessThan(2e-6 * size);
      const byShift =
        (exact(field, { shift: shift[field]! + 1e-6 }) - exact(field, { shift: shift[field]! - 1e-6 })) /
        2e-6;
      expect(Math.abs(sums[3 * field + 1]! - byShift)).toBeLessThan(1e-4 * size);
      const byVariance =
        (exact(field, { variance: variance[field]! + 1e-6 }) -
          exact(field, { variance: variance[field]! - 1e-6 })) /
        2e-6;
      expect(Math.abs(-0.5 * sums[3 * field + 2]! - byVariance)).toBeLessThan(1e-5 * size);
      const direction = normalFloat64(keyOf(7), pixels);
      const along = (sign: number) =>
        exact(field, {
          h: direction.map((d, i) => h[field * pixels + i]! + sign * 1e-5 * d),
        });
      const slope = (along(1) - along(-1)) / 2e-5;
      const got = direction.reduce((sum, d, i) => sum + d * gradient[field * pixels + i]!, 0);
      expect(Math.abs(got - slope)).toBeLessThan(1e-5 * size);
    }
  });
});
