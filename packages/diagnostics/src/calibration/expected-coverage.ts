import type { FloatArray, NdArray } from '@lensfield/contracts';
import { splitKey, uniformFloat64 } from '@lensfield/kernels';
import { checkArray, checkWholeNumber, invalid } from '../_argument-checks.ts';
import { type CoverageCurve, type CoverageOptions, coverageCurve } from './_coverage-curve.ts';
import { levelOf } from './_simulations.ts';

export interface ExpectedCoverageOptions extends CoverageOptions {
  /** Posterior log density of every simulation's own draws, shape [numSimulations, numDraws]; normalisation per row is free. */
  readonly sampleLogProb: NdArray<FloatArray>;
  /** That of the true parameters, shape [numSimulations]. */
  readonly thetaLogProb: FloatArray;
}

/**
 * Expected coverage of highest posterior density regions: the level of the region that reaches to the truth is the share of draws of
 * higher density than the truth.
 *
 * @throws {InvalidArgumentError} if the shapes do not fit or a log density is not finite.
 *
 * Accuracy: p-values uniform for right posteriors at any number of draws; catches posteriors 1.5 times too wide or narrow, or shifted by 0.5 sd, with 500 simulations (test/expected-coverage.test.ts).
 * Source: Hermans et al. (2022), equation 3.
 */
export function expectedCoverage(options: ExpectedCoverageOptions): CoverageCurve {
  const { sampleLogProb, thetaLogProb } = options;
  const where = 'expectedCoverage';
  checkArray(sampleLogProb, '[numSimulations, numDraws]', { where, name: 'sampleLogProb' });
  checkArray({ shape: [thetaLogProb.length], data: thetaLogProb }, '[numSimulations]', {
    where,
    name: 'thetaLogProb',
  });
  checkWholeNumber(options.numBootstrap ?? 100, 1, { where, name: 'numBootstrap' });
  checkWholeNumber(options.numLevels ?? 51, 3, { where, name: 'numLevels' });
  const [numSimulations, numDraws] = sampleLogProb.shape;
  if (thetaLogProb.length !== numSimulations || sampleLogProb.data.length === 0) {
    throw invalid(
      { where, name: 'thetaLogProb' },
      `have one value per simulation, ${numSimulations}`,
      String(thetaLogProb.length),
    );
  }
  const [placeKey, bootstrapKey] = splitKey(options.key, 2);
  const u = uniformFloat64(placeKey, numSimulations);
  const credibilities = Float64Array.from(thetaLogProb, (logProb, s) => {
    let [numHigher, numEqual] = [0, 0];
    for (let at = s * numDraws, end = at + numDraws; at < end; at++) {
      if (sampleLogProb.data[at] > logProb) numHigher++;
      else if (sampleLogProb.data[at] === logProb) numEqual++;
    }
    return levelOf(numHigher, numEqual, numDraws, u[s]);
  });
  return coverageCurve(credibilities, { ...options, key: bootstrapKey });
}
