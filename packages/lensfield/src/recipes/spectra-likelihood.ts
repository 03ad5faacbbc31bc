import type { NdArray } from '@lensfield/contracts';
import { binPairs, shapeNoisePower } from '@lensfield/cosmology';
import { evenBandEdges, measuredSpectra } from '@lensfield/diagnostics';
import { determinant, inverse, linearInterpolant, solve } from '@lensfield/kernels';
import type { LognormalModel } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';

/** Bands from the fundamental mode to the Nyquist frequency, and the share of them below the pixel's own scale. */
const MOST_BANDS = 24;
const USED_SHARE = 0.7;

interface Bands {
  readonly ell: Float64Array;
  readonly numModes: Float64Array;
  /** Measured spectra of each band, noise included, [bins, bins]. */
  readonly measured: readonly Float64Array[];
}

/** The bands that are used, with what a map measures in them. */
function bandsOf(model: LognormalModel, observation: NdArray<Float32Array>): Bands {
  const { mapSize, fieldSizeDeg } = model.survey;
  const numBands = Math.min(MOST_BANDS, Math.floor(mapSize / 4));
  const edges = evenBandEdges({ mapSize, fieldSizeDeg, numBands });
  const { ell, spectra, pairs, numModes } = measuredSpectra(observation, { fieldSizeDeg, edges });
  const numUsed = Math.max(1, Math.floor(USED_SHARE * ell.length));
  return {
    ell: ell.subarray(0, numUsed),
    numModes,
    measured: Array.from({ length: numUsed }, (_, band) =>
      symmetric(pairs, model.numBins, (row) => spectra.data[row * ell.length + band]!),
    ),
  };
}

/** Expected spectra of each band, noise included, [bins, bins], with theory taken at the mean ell of the band. */
function expectedSpectra(model: LognormalModel, ell: Float64Array, theta: Float64Array): Float64Array[] {
  const size = model.numBins;
  const theory = model.spectra(theta);
  const { sigmaE, galaxiesPerArcmin2 } = model.survey;
  const numEll = theory.ell.length;
  const pairs = binPairs(size);
  const curves = pairs.map((_, row) =>
    linearInterpolant(theory.ell, theory.values.subarray(row * numEll, (row + 1) * numEll)),
  );
  return Array.from(ell, (at) => {
    const expected = symmetric(pairs, size, (row) => curves[row]!(at));
    for (let bin = 0; bin < size; bin++) {
      expected[bin * (size + 1)]! += shapeNoisePower({
        sigmaE,
        galaxiesPerArcmin2: galaxiesPerArcmin2[bin]!,
      });
    }
    return expected;
  });
}

/**
 * The Gaussian (Wishart) log likelihood of a map's auto- and cross-spectra, up to a constant, as a function of all six parameters: good
 * enough for starting points, not for inference.
 */
export function spectraLikelihood(
  model: LognormalModel,
  observation: NdArray<Float32Array>,
): (theta: Float64Array) => number {
  const { ell, numModes, measured } = bandsOf(model, observation);
  const size = model.numBins;
  return (theta) =>
    expectedSpectra(model, ell, theta).reduce((sum, expected, band) => {
      const misfit =
        trace(solve(expected, measured[band]!, size), size) + Math.log(determinant(expected, size));
      // A mode and its opposite are one complex number: half of them count.
      return sum - 0.5 * numModes[band]! * misfit;
    }, 0);
}

/** Step of the derivatives, in prior standard deviations: small against the curvature of the spectra, large against rounding. */
const STEP = 1e-3;

/**
 * Covariance of the unconstrained parameters that the spectra of a Gaussian field allow at a point, the prior included: the inverse
 * of their Fisher matrix, row-major [parameters, parameters].
 */
export function spectraCovariance(
  model: LognormalModel,
  observation: NdArray<Float32Array>,
  prior: JointPrior,
  unconstrained: Float64Array,
): Float64Array {
  const { ell, numModes } = bandsOf(model, observation);
  const size = model.numBins;
  const numParameters = unconstrained.length;
  const at = (u: Float64Array) =>
    expectedSpectra(model, ell, prior.complete(prior.fromUnconstrained(u).theta));
  const middle = at(unconstrained);
  const scaled = Array.from(unconstrained, (value, parameter) => {
    const [up, down] = [1, -1].map((sign) => at(unconstrained.with(parameter, value + sign * STEP)));
    return middle.map((expected, band) => {
      const derivative = up![band]!.map((c, i) => (c - down![band]![i]!) / (2 * STEP));
      return solve(expected, derivative, size);
    });
  });
  const fisher = new Float64Array(numParameters * numParameters);
  for (let a = 0; a < numParameters; a++) {
    for (let b = 0; b < numParameters; b++) {
      let sum = a === b ? 1 : 0;
      for (let band = 0; band < ell.length; band++) {
        sum += 0.5 * numModes[band]! * traceOfProduct(scaled[a]![band]!, scaled[b]![band]!, size);
      }
      fisher[a * numParameters + b] = sum;
    }
  }
  return symmetrized(inverse(fisher, numParameters), numParameters);
}

function traceOfProduct(a: Float64Array, b: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) sum += a[i * size + j]! * b[j * size + i]!;
  return sum;
}

/** Rounding leaves an inverse symmetric to a few digits; a metric wants all of them. */
function symmetrized(matrix: Float64Array, size: number): Float64Array {
  return matrix.map((value, at) => 0.5 * (value + matrix[(at % size) * size + Math.floor(at / size)]!));
}

function symmetric(
  pairs: readonly (readonly [number, number])[],
  size: number,
  entryOf: (row: number) => number,
): Float64Array {
  const matrix = new Float64Array(size * size);
  pairs.forEach(([i, j], row) => {
    matrix[i * size + j] = entryOf(row);
    matrix[j * size + i] = entryOf(row);
  });
  return matrix;
}

function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * (size + 1)]!;
  return sum;
}
