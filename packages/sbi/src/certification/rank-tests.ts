import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import {
  type CoverageCurve,
  expectedCoverage,
  type NormalScores,
  rankScores,
  sbcRanks,
  tarp,
} from '@lensfield/diagnostics';
import { foldIn } from '@lensfield/kernels';
import type { CertificateTest, ParameterRanks } from './certificate.ts';

/** Posterior draws of simulations in unconstrained coordinates, shape [n, numDraws, d], and their log densities, [n, numDraws]. */
export interface PosteriorDraws {
  readonly names: readonly string[];
  readonly samples: NdArray<Float64Array>;
  readonly logProb?: NdArray<Float64Array>;
}

/** Truths that the draws are held against, shape [n, d], and their log densities, [n]. */
export interface Truths {
  readonly theta: NdArray<Float64Array>;
  readonly logProb?: Float64Array;
}

export type TestResult = Pick<CertificateTest, 'name' | 'method' | 'pValue'>;

export interface RankTests {
  readonly tests: readonly TestResult[];
  readonly sbc: readonly ParameterRanks[];
  readonly coverage?: CoverageCurve;
  readonly tarp: CoverageCurve;
}

/** Where a truth stands among its draws, in each parameter, in density and around random points: three tests of each. */
export function rankTests(draws: PosteriorDraws, truths: Truths, key: Key, numBootstrap?: number): RankTests {
  const { names, samples } = draws;
  const numDraws = samples.shape[1]!;
  const { theta } = truths;
  const { ranks } = sbcRanks({ samples, theta, key: foldIn(key, 0) });
  const sbc = names.map((name, j) => {
    const scores = rankScores(ranks[j]!, { numDraws, key: foldIn(foldIn(key, 1), j) });
    return { name, ranks: ranks[j]!, scores };
  });
  const curveOptions = { ...(numBootstrap && { numBootstrap }) };
  const around = tarp({ samples, theta, key: foldIn(key, 2), ...curveOptions });
  const coverage =
    draws.logProb &&
    truths.logProb &&
    expectedCoverage({
      sampleLogProb: draws.logProb,
      thetaLogProb: truths.logProb,
      key: foldIn(key, 3),
      ...curveOptions,
    });
  return {
    tests: [
      ...sbc.flatMap(({ name, scores }) => threeTests('sbc', name, scores, scores.pValue)),
      ...(coverage ? threeTests('coverage', 'coverage', coverage.scores, coverage.pValue) : []),
      ...threeTests('tarp', 'tarp', around.scores, around.pValue),
    ],
    sbc,
    ...(coverage && { coverage }),
    tarp: around,
  };
}

/** What mean, spread and distribution of the places say, by the kind of fault that moves each most. */
const KINDS = {
  sbc: ['shift', 'width', 'distribution'],
  coverage: ['mean', 'spread', 'distribution'],
  tarp: ['mean', 'spread', 'distribution'],
} as const;

function threeTests(
  method: keyof typeof KINDS,
  subject: string,
  { meanPValue, sdPValue }: NormalScores,
  distributionPValue: number,
): TestResult[] {
  const pValues = [meanPValue, sdPValue, distributionPValue];
  return pValues.map((pValue, i) => ({ name: `${subject}: ${KINDS[method][i]}`, method, pValue }));
}

/** Means and standard deviations of each simulation's draws, shape [n, d] both. */
export function momentsOfDraws({ shape, data }: NdArray<FloatArray>): {
  mean: Float64Array;
  sd: Float64Array;
} {
  const [n, numDraws, d] = shape as [number, number, number];
  const mean = new Float64Array(n * d);
  const sd = new Float64Array(n * d);
  for (let s = 0; s < n; s++) {
    for (let j = 0; j < d; j++) {
      let [sum, squares] = [0, 0];
      for (let draw = 0; draw < numDraws; draw++) sum += data[(s * numDraws + draw) * d + j]!;
      const centre = sum / numDraws;
      for (let draw = 0; draw < numDraws; draw++)
        squares += (data[(s * numDraws + draw) * d + j]! - centre) ** 2;
      mean[s * d + j] = centre;
      sd[s * d + j] = Math.sqrt(squares / (numDraws - 1));
    }
  }
  return { mean, sd };
}
