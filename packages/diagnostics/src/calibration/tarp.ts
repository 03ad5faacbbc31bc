import type { FloatArray, NdArray } from '@lensfield/contracts';
import { foldIn, splitKey, uniformFloat64 } from '@lensfield/kernels';
import { checkArray, checkWholeNumber, invalid } from '../_argument-checks.ts';
import { type CoverageCurve, type CoverageOptions, coverageCurve } from './_coverage-curve.ts';
import { type CalibrationSet, checkCalibrationSet, levelOf } from './_simulations.ts';

/**
 * A stream of its own. Reference points drawn with a key that also drew the parameters would follow them, and a right posterior would
 * fail.
 */
const STREAM = 0x74617270;

export interface TarpOptions extends CalibrationSet, CoverageOptions {
  /**
   * A reference point per simulation, shape [numSimulations, d], in the units of theta; it may depend on the data, not on the truth.
   * Default: uniform in the box that the true parameters span.
   */
  readonly references?: NdArray<FloatArray>;
}

/**
 * Tests of accuracy with random points: coverage of regions around a random point, from draws alone. Distances are measured after true
 * parameters, draws and reference points are scaled together so that the true parameters span the unit box.
 *
 * @throws {InvalidArgumentError} if the shapes do not fit, a value is not finite, or a parameter is the same in all simulations.
 *
 * Accuracy: with 500 simulations in two dimensions catches posteriors 1.5 times too wide or narrow, or shifted by 1.5 sd, and passes right
 * ones (test/tarp.test.ts). Points on all sides feel a shift only through the spread it adds; ranks of SBC, or points on one side (0.5 sd),
 * feel it directly. Blind, with points that do not depend on the data, to a posterior equal to the prior.
 * Source: Lemos et al. (2023), algorithm 2.  Differs from it in: nothing; the p-value is Kolmogorov-Smirnov's for uniform credibilities.
 */
export function tarp(options: TarpOptions): CoverageCurve {
  const { samples, theta, key } = options;
  const { numSimulations, numDraws, dimension } = checkCalibrationSet(options, 'tarp');
  checkWholeNumber(options.numBootstrap ?? 100, 1, { where: 'tarp', name: 'numBootstrap' });
  checkWholeNumber(options.numLevels ?? 51, 3, { where: 'tarp', name: 'numLevels' });
  const { low, width } = boxOf(theta);
  const [referenceKey, bootstrapKey, placeKey] = splitKey(foldIn(key, STREAM), 3);
  const references = options.references ?? {
    shape: theta.shape,
    data: uniformFloat64(referenceKey, theta.data.length).map(
      (u, i) => low[i % dimension] + u * width[i % dimension],
    ),
  };
  checkArray(references, '[numSimulations, d]', { where: 'tarp', name: 'references' });
  if (references.data.length !== theta.data.length) {
    throw invalid(
      { where: 'tarp', name: 'references' },
      'have the shape of theta',
      `[${references.shape.join(', ')}]`,
    );
  }
  const u = uniformFloat64(placeKey, numSimulations);
  const credibilities = Float64Array.from({ length: numSimulations }, (_, s) => {
    const distanceOf = ({ data }: NdArray<FloatArray>, row: number) => {
      let sum = 0;
      for (let j = 0; j < dimension; j++) {
        sum += ((data[row * dimension + j] - references.data[s * dimension + j]) / width[j]) ** 2;
      }
      return sum;
    };
    const toTruth = distanceOf(theta, s);
    let [numCloser, numEqual] = [0, 0];
    for (let row = s * numDraws, end = row + numDraws; row < end; row++) {
      const toDraw = distanceOf(samples, row);
      if (toDraw < toTruth) numCloser++;
      else if (toDraw === toTruth) numEqual++;
    }
    return levelOf(numCloser, numEqual, numDraws, u[s]);
  });
  return coverageCurve(credibilities, { ...options, key: bootstrapKey });
}

function boxOf(theta: NdArray<FloatArray>): { low: Float64Array; width: Float64Array } {
  const dimension = theta.shape[1];
  const low = new Float64Array(dimension).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(dimension).fill(Number.NEGATIVE_INFINITY);
  theta.data.forEach((value: number, i: number) => {
    low[i % dimension] = Math.min(low[i % dimension], value);
    high[i % dimension] = Math.max(high[i % dimension], value);
  });
  const width = high.map((value, j) => value - low[j]);
  const fixed = width.findIndex((value) => !(value > 0));
  if (fixed >= 0) {
    throw invalid(
      { where: 'tarp', name: 'theta' },
      'vary in every parameter',
      `${low[fixed]} always in column ${fixed}`,
      'Leave fixed parameters out.',
    );
  }
  return { low, width };
}
