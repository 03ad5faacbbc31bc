import type { Key } from '@lensfield/contracts';
import { randomIntegers, splitKey } from '@lensfield/kernels';
import { centralMoment } from '../_numerics/moments.ts';
import { distanceFromUniform, type NormalScores, normalScores } from './_normal-scores.ts';

/** How often credible regions hold the truth, against their nominal level. */
export interface CoverageCurve {
  /** Nominal credibility levels, from 0 to 1, shape [numLevels]. */
  readonly levels: Float64Array;
  /** Share of simulations whose region of that level holds the truth; equal to `levels` for a right posterior. */
  readonly coverage: Float64Array;
  /** Standard deviation of `coverage` over bootstrap resamples of the simulations. */
  readonly coverageSd: Float64Array;
  /**
   * Area between curve and diagonal for levels of 1/2 to 1. Above 0: the posteriors are too wide; below 0: too narrow, or shifted.
   */
  readonly areaToCurve: number;
  readonly areaToCurveSd: number;
  /** Largest distance of the curve from the diagonal over all levels, and its Kolmogorov-Smirnov p-value. */
  readonly distance: number;
  readonly pValue: number;
  /** Of the levels that reach to the truths. Mean below 0: the posteriors are too wide; above 0: too narrow, or shifted. */
  readonly scores: NormalScores;
}

export interface CoverageOptions {
  /** For the bootstrap, for the place of each truth between two draws (and for the reference points of `tarp`). */
  readonly key: Key;
  /** Default 100. */
  readonly numBootstrap?: number;
  /** Default 51: steps of 2 %. */
  readonly numLevels?: number;
}

/** The curve of `credibilities`: for each simulation, the level of the smallest region that holds the truth. */
export function coverageCurve(
  credibilities: Float64Array,
  { key, numBootstrap = 100, numLevels = 51 }: CoverageOptions,
): CoverageCurve {
  const n = credibilities.length;
  const levels = Float64Array.from({ length: numLevels }, (_, i) => i / (numLevels - 1));
  const ordered = credibilities.slice().sort();
  const coverage = shareUpTo(ordered, levels);
  const resampled = splitKey(key, numBootstrap).map((setKey) => {
    const drawn = Float64Array.from(randomIntegers(setKey, n, { min: 0, max: n }), (i) => credibilities[i]);
    return shareUpTo(drawn.sort(), levels);
  });
  const spread = (values: Float64Array) => Math.sqrt(centralMoment(values, 2));
  return {
    levels,
    coverage,
    coverageSd: levels.map((_, i) => spread(Float64Array.from(resampled, (curve) => curve[i]))),
    areaToCurve: areaAboveHalf(levels, coverage),
    areaToCurveSd: spread(Float64Array.from(resampled, (curve) => areaAboveHalf(levels, curve))),
    ...distanceFromUniform(credibilities),
    scores: normalScores(credibilities),
  };
}

function shareUpTo(ordered: Float64Array, levels: Float64Array): Float64Array {
  let count = 0;
  return levels.map((level) => {
    while (count < ordered.length && ordered[count] <= level) count++;
    return count / ordered.length;
  });
}

/** Trapezoidal rule over the levels from 1/2. */
function areaAboveHalf(levels: Float64Array, coverage: Float64Array): number {
  let area = 0;
  for (let i = 1; i < levels.length; i++) {
    if (levels[i - 1] < 0.5) continue;
    const excess = coverage[i - 1] - levels[i - 1] + coverage[i] - levels[i];
    area += (excess / 2) * (levels[i] - levels[i - 1]);
  }
  return area;
}
