import type { LinearModel } from '../src/wiener/linear-model.ts';
import {
  fourier,
  type Matrix,
  matrixRoot,
  multiply,
  pairOf,
  type SlowModel,
  slowGaussianSpectra,
  slowLogJoint,
} from './slow-twin.ts';

/** Inverse and log determinant of a symmetric positive matrix by elimination. */
function invert(matrix: Matrix): { inverse: Matrix; logDeterminant: number } {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  let logDeterminant = 0;
  for (let k = 0; k < n; k++) {
    const pivot = rows[k]![k]!;
    logDeterminant += Math.log(pivot);
    rows[k] = rows[k]!.map((x) => x / pivot);
    for (let i = 0; i < n; i++)
      if (i !== k) {
        const factor = rows[i]![k]!;
        rows[i] = rows[i]!.map((x, j) => x - factor * rows[k]![j]!);
      }
  }
  return { inverse: rows.map((row) => row.slice(n)), logDeterminant };
}

/** L with L L' = matrix, lower triangular. */
function lowerRoot(matrix: Matrix): Matrix {
  const root = matrix.map((row) => row.map(() => 0));
  matrix.forEach((row, i) => {
    for (let j = 0; j <= i; j++) {
      let sum = row[j]!;
      for (let k = 0; k < j; k++) sum -= root[i]![k]! * root[j]![k]!;
      root[i]![j] = i === j ? Math.sqrt(sum) : sum / root[j]![j]!;
    }
  });
  return root;
}

const transposed = (matrix: Matrix): Matrix => matrix.map((row, i) => row.map((_, j) => matrix[j]![i]!));

/** Wiener latents to white ones at one mode, as a matrix on latents and one on the linear model's map; log |d white / d Wiener|. */
function modeMatrices(g: Matrix, response: readonly number[]) {
  const signal = g.map((row, i) => row.map((x, j) => response[i]! * x * response[j]!));
  const plusOne = invert(signal.map((row, i) => row.map((x, j) => x + (i === j ? 1 : 0))));
  const q = multiply(signal, plusOne.inverse);
  const r = lowerRoot(q);
  const s = invert(matrixRoot(g));
  const scaled = r.map((row, i) => row.map((x) => x / response[i]!));
  const ofLatents = multiply(s.inverse, scaled);
  const logJacobian =
    invert(r).logDeterminant - s.logDeterminant - response.reduce((sum, x) => sum + Math.log(x), 0);
  return { ofLatents, ofMap: multiply(ofLatents, transposed(r)), logJacobian };
}

/** Log density of data, theta and Wiener latents up to a constant: that of white ones, times the Jacobian. */
export function slowWienerLogJoint(
  model: SlowModel,
  theta: Float64Array,
  latents: Float64Array,
  data: Float32Array,
  linear: LinearModel,
): number {
  const { mapSize: size, numBins } = model;
  const pixels = size * size;
  const bins = Array.from({ length: numBins }, (_, bin) => bin);
  const zero = new Float64Array(pixels);
  const response = Array.from(model.statistics(theta).shifts, (shift, bin) => shift / linear.scale[bin]!);
  const spectra = slowGaussianSpectra(model, theta);
  const part = (values: Float64Array, bin: number) => values.slice(bin * pixels, (bin + 1) * pixels);
  const waves = bins.map((bin) => fourier(part(latents, bin), zero, size, -1));
  const map = Float64Array.from(linear.map);
  const observed = bins.map((bin) => fourier(part(map, bin), zero, size, -1));
  const white = bins.map((bin) => waves[bin]!.map((component) => component.slice()));
  let logJacobian = 0;
  for (let at = 1; at < pixels; at++) {
    const matrices = modeMatrices(
      bins.map((i) => bins.map((j) => spectra[pairOf(i, j, numBins)]![at]!)),
      response,
    );
    logJacobian += matrices.logJacobian;
    for (const i of bins)
      for (const component of [0, 1] as const)
        white[i]![component]![at] = bins.reduce(
          (sum, j) =>
            sum +
            matrices.ofLatents[i]![j]! * waves[j]![component][at]! +
            matrices.ofMap[i]![j]! * observed[j]![component][at]!,
          0,
        );
  }
  const latentsOf = (bin: number) =>
    fourier(white[bin]![0]!, white[bin]![1]!, size, 1)[0].map((x) => x / pixels);
  const all = Float64Array.from(bins.flatMap((bin) => Array.from(latentsOf(bin))));
  return slowLogJoint(model, theta, all, data) + logJacobian;
}
