/**
 * The joint density of theta and latents once more, in float64 and as literally as it can be written: direct Fourier sums over the
 * full grid, matrix roots by classical Jacobi, log-log interpolation by Neville's scheme. Shares no code with the
 * package. For maps of 8 to 16 pixels a side.
 */
export interface SlowModel {
  readonly mapSize: number;
  readonly fieldSizeDeg: number;
  readonly numBins: number;
  readonly noise: number;
  /** Of each pixel, in place of `noise`; Infinity without data. */
  readonly pixelNoise?: Float64Array;
  readonly variance: 'ensemble' | 'sample';
  readonly ell: Float64Array;
  /** [pairs, nodes] and [bins]. */
  readonly statistics: (theta: Float64Array) => { spectra: Float64Array; shifts: Float64Array };
}

export type Matrix = number[][];

/** sum over the grid of x(a, b) exp(sign i 2 pi (a k + b l) / n), split into real and imaginary part. */
export function fourier(
  re: Float64Array,
  im: Float64Array,
  n: number,
  sign: number,
): [Float64Array, Float64Array] {
  const pass = (r: Float64Array, i: Float64Array): [Float64Array, Float64Array] => {
    const outRe = new Float64Array(n * n);
    const outIm = new Float64Array(n * n);
    for (let row = 0; row < n; row++)
      for (let k = 0; k < n; k++)
        for (let a = 0; a < n; a++) {
          const phase = (sign * 2 * Math.PI * ((a * k) % n)) / n;
          const [c, s] = [Math.cos(phase), Math.sin(phase)];
          /* The output is transposed, so that two passes do both axes. */
          outRe[k * n + row]! += r[row * n + a]! * c - i[row * n + a]! * s;
          outIm[k * n + row]! += r[row * n + a]! * s + i[row * n + a]! * c;
        }
    return [outRe, outIm];
  };
  return pass(...pass(re, im));
}

/** Polynomial through the six nodes around x by Neville's scheme. */
function neville(nodes: Float64Array, values: Float64Array, x: number): number {
  let left = 0;
  while (left + 6 < nodes.length && nodes[left + 3]! < x - 1e-12) left++;
  const p = Array.from(values.subarray(left, left + 6));
  const t = nodes.subarray(left, left + 6);
  for (let order = 1; order < 6; order++)
    for (let i = 0; i + order < 6; i++)
      p[i] = ((x - t[i + order]!) * p[i]! + (t[i]! - x) * p[i + 1]!) / (t[i]! - t[i + order]!);
  return p[0]!;
}

export const multiply = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, value, k) => sum + value * b[k]![j]!, 0)));

/** Symmetric root by classical Jacobi (the largest entry off the diagonal is rotated away first); negative eigenvalues are clipped. */
export function matrixRoot(matrix: Matrix): Matrix {
  const n = matrix.length;
  let a = matrix;
  let v: Matrix = matrix.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
  for (let rotation = 0; rotation < 1000; rotation++) {
    let [p, q] = [0, 0];
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++)
        if (p === q || Math.abs(a[i]![j]!) > Math.abs(a[p]![q]!)) [p, q] = [i, j];
    if (p === q || Math.abs(a[p]![q]!) < 1e-17 * Math.sqrt(Math.abs(a[p]![p]! * a[q]![q]!))) break;
    const angle = Math.atan2(2 * a[p]![q]!, a[p]![p]! - a[q]![q]!) / 2;
    const turn: Matrix = matrix.map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
    turn[p]![p] = turn[q]![q] = Math.cos(angle);
    turn[q]![p] = Math.sin(angle);
    turn[p]![q] = -Math.sin(angle);
    const transposed = turn.map((row, i) => row.map((_, j) => turn[j]![i]!));
    a = multiply(multiply(transposed, a), turn);
    v = multiply(v, turn);
  }
  const scaled = v.map((row) => row.map((value, k) => value * Math.sqrt(Math.max(a[k]![k]!, 0))));
  return multiply(
    scaled,
    v.map((row, i) => row.map((_, j) => v[j]![i]!)),
  );
}

function multipoles(n: number, fieldSizeDeg: number): Float64Array {
  const side = (fieldSizeDeg * Math.PI) / 180;
  const frequency = (k: number) => (2 * Math.PI * (k < n / 2 ? k : k - n)) / side;
  return Float64Array.from({ length: n * n }, (_, at) =>
    Math.sqrt(frequency(Math.floor(at / n)) ** 2 + frequency(at % n) ** 2),
  );
}

/** Spectra of the Gaussian fields on the full grid, [pairs][n n]. */
export function slowGaussianSpectra(model: SlowModel, theta: Float64Array): Float64Array[] {
  const { mapSize: n, fieldSizeDeg, numBins, ell } = model;
  const { spectra, shifts } = model.statistics(theta);
  const side = (fieldSizeDeg * Math.PI) / 180;
  const waves = multipoles(n, fieldSizeDeg);
  const logEll = ell.map(Math.log);
  const out: Float64Array[] = [];
  for (let i = 0, pair = 0; i < numBins; i++)
    for (let j = i; j < numBins; j++, pair++) {
      const logSpectrum = spectra.slice(pair * ell.length, (pair + 1) * ell.length).map(Math.log);
      const power = waves.map((wave) =>
        wave === 0 ? 0 : Math.exp(neville(logEll, logSpectrum, Math.log(wave))) * (n / side) ** 2,
      );
      const zero = new Float64Array(n * n);
      const correlation = fourier(power, zero, n, 1)[0].map((x) => x / (n * n));
      const gaussian = correlation.map((xi) => Math.log(1 + xi / (shifts[i]! * shifts[j]!)));
      const [re, im] = fourier(gaussian, zero, n, -1);
      out.push(re.map((value, at) => (at === 0 ? 0 : Math.hypot(value, im[at]!))));
    }
  return out;
}

/** Place of a pair of bins among the spectra. */
export const pairOf = (i: number, j: number, numBins: number): number =>
  i <= j ? i * numBins - (i * (i - 1)) / 2 + (j - i) : pairOf(j, i, numBins);

/** Roots of the Gaussian spectra on the full grid, [n n] matrices. */
function slowRoots(model: SlowModel, theta: Float64Array): Matrix[] {
  const { mapSize: n, numBins } = model;
  const spectra = slowGaussianSpectra(model, theta);
  const range = Array.from({ length: numBins }, (_, i) => i);
  const known = new Map<number, Matrix>(); /* isotropic: one root per pair (|kx|, |ky|), for speed */
  return Array.from({ length: n * n }, (_, at) => {
    const [a, b] = [Math.floor(at / n), at % n].map((k) => Math.min(k, n - k)) as [number, number];
    const place = Math.min(a, b) * n + Math.max(a, b);
    const root =
      known.get(place) ??
      matrixRoot(range.map((i) => range.map((j) => spectra[pairOf(i, j, numBins)]![at]!)));
    known.set(place, root);
    return root;
  });
}

/* Roots at the last parameters of each model, for speed where only latents move. */
const lastRoots = new WeakMap<SlowModel, { theta: Float64Array; roots: Matrix[] }>();

function rootsAt(model: SlowModel, theta: Float64Array): Matrix[] {
  const last = lastRoots.get(model);
  if (last?.theta.join() === theta.join()) return last.roots;
  const roots = slowRoots(model, theta);
  lastRoots.set(model, { theta: theta.slice(), roots });
  return roots;
}

/** Noiseless convergence [bins][n n]. */
export function slowConvergence(
  model: SlowModel,
  theta: Float64Array,
  latents: Float64Array,
): Float64Array[] {
  const { mapSize: n, numBins } = model;
  const { shifts } = model.statistics(theta);
  const roots = rootsAt(model, theta);
  const range = Array.from({ length: numBins }, (_, i) => i);
  const zero = new Float64Array(n * n);
  const waves = range.map((i) => fourier(latents.slice(i * n * n, (i + 1) * n * n), zero, n, -1));
  const mixed = range.map(() => [new Float64Array(n * n), new Float64Array(n * n)] as const);
  const ensemble = new Float64Array(numBins);
  for (let at = 1; at < n * n; at++) {
    const root = roots[at]!;
    for (const i of range)
      for (const j of range) {
        ensemble[i]! += root[i]![j]! ** 2 / (n * n);
        mixed[i]![0][at]! += root[i]![j]! * waves[j]![0][at]!;
        mixed[i]![1][at]! += root[i]![j]! * waves[j]![1][at]!;
      }
  }
  return range.map((i) => {
    const g = fourier(mixed[i]![0], mixed[i]![1], n, 1)[0].map((x) => x / (n * n));
    const mean = g.reduce((sum, x) => sum + x, 0) / g.length;
    const sample = g.reduce((sum, x) => sum + (x - mean) ** 2, 0) / g.length;
    const variance = model.variance === 'ensemble' ? ensemble[i]! : sample;
    return g.map((x) => shifts[i]! * (Math.exp(x - variance / 2) - 1));
  });
}

/** Log density of data [bins, n, n] and latents given theta, up to a constant. */
export function slowLogJoint(
  model: SlowModel,
  theta: Float64Array,
  latents: Float64Array,
  data: Float32Array,
): number {
  const { mapSize: n, noise } = model;
  const maps = slowConvergence(model, theta, latents);
  let sum = 0;
  maps.forEach((map, i) => {
    map.forEach((kappa, at) => {
      sum -= (data[i * n * n + at]! - kappa) ** 2 / (2 * (model.pixelNoise?.[i * n * n + at] ?? noise) ** 2);
    });
  });
  return latents.reduce((total, z) => total - (z * z) / 2, sum);
}
