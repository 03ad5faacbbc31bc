import { erfc, normalQuantile } from '@lensfield/kernels';
import { chiSquareSurvival, kolmogorovSurvival } from '../_numerics/distributions.ts';
import { meanOf, sampleVariance } from '../_numerics/moments.ts';

/** Moments of the normal scores Phi^-1(level) of levels that are uniform on (0, 1) for a right posterior. */
export interface NormalScores {
  /** 0 for a right posterior, with standard deviation 1 / sqrt(n). */
  readonly mean: number;
  /** Probability of a mean farther from 0. */
  readonly meanPValue: number;
  /** 1 for a right posterior, with standard deviation 1 / sqrt(2 n). */
  readonly sd: number;
  /** Probability of a standard deviation farther from 1, two-sided. */
  readonly sdPValue: number;
}

/** Scores of levels strictly between 0 and 1, at least two. For independent uniform levels both p-values are uniform, at any number. */
export function normalScores(levels: Float64Array): NormalScores {
  const n = levels.length;
  const scores = levels.map(normalQuantile);
  const mean = meanOf(scores);
  const variance = sampleVariance(scores);
  // Cochran: the squares about the mean are chi-square, and know nothing of the mean.
  const above = chiSquareSurvival((n - 1) * variance, n - 1);
  return {
    mean,
    meanPValue: erfc(Math.abs(mean) * Math.sqrt(n / 2)),
    sd: Math.sqrt(variance),
    sdPValue: Math.min(1, 2 * Math.min(above, 1 - above)),
  };
}

/** Largest distance between the distribution function of levels and that of uniform ones, and its Kolmogorov-Smirnov p-value. */
export function distanceFromUniform(levels: Float64Array): { distance: number; pValue: number } {
  const n = levels.length;
  const distance = levels
    .slice()
    .sort()
    .reduce((most, level, i) => Math.max(most, (i + 1) / n - level, level - i / n), 0);
  return { distance, pValue: kolmogorovSurvival(distance, n) };
}
