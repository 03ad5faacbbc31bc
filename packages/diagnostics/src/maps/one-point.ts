import type { FloatArray, NdArray } from '@lensfield/contracts';
import { invalid } from '../_argument-checks.ts';
import { centralMoment, meanOf } from '../_numerics/moments.ts';
import { checkMap, mapOfBin } from './_field.ts';

export interface OnePointFunction {
  /** Probability density of the pixel values, shape [numBins, edges.length - 1]; integrates to the share of pixels inside. */
  readonly density: NdArray<Float64Array>;
  /** Share of pixels outside the edges, shape [numBins]. */
  readonly outside: Float64Array;
}

/**
 * One-point function of maps: the distribution of pixel values in every bin.
 *
 * @param map    Shape [N, N, numBins].
 * @param edges  Increasing values; an interval holds its lower edge.
 * @throws {InvalidArgumentError} if the map is not square or has a value that is not finite, or the edges do not increase.
 */
export function onePointFunction(
  map: NdArray<FloatArray>,
  { edges }: { readonly edges: ArrayLike<number> },
): OnePointFunction {
  const where = 'onePointFunction';
  const { mapSize, numBins } = checkMap(map, where);
  const list = Array.from(edges);
  if (list.length < 2 || !list.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > list[i - 1]))) {
    throw invalid({ where, name: 'edges' }, 'be at least 2 increasing numbers', `[${list.join(', ')}]`);
  }
  const numIntervals = list.length - 1;
  const numPixels = mapSize ** 2;
  const counts = new Float64Array(numBins * numIntervals);
  const outside = new Float64Array(numBins).fill(numPixels);
  map.data.forEach((value: number, i: number) => {
    const interval = list.findLastIndex((edge) => value >= edge);
    if (interval < 0 || interval === numIntervals) return;
    counts[(i % numBins) * numIntervals + interval]++;
    outside[i % numBins]--;
  });
  const density = counts.map((count, i) => {
    const interval = i % numIntervals;
    return count / numPixels / (list[interval + 1] - list[interval]);
  });
  return {
    density: { shape: [numBins, numIntervals], data: density },
    outside: outside.map((count) => count / numPixels),
  };
}

export interface MapMoments {
  readonly mean: number;
  /** Mean squared deviation. */
  readonly variance: number;
  /** Mean cubed deviation over variance^(3/2); 0 for a Gaussian, NaN for a constant map. */
  readonly skewness: number;
  /** Mean fourth power of the deviation over variance^2, less 3; 0 for a Gaussian, NaN for a constant map. */
  readonly excessKurtosis: number;
}

/** Moments of the pixel values of every bin. `map` as in {@link onePointFunction}. */
export function mapMoments(map: NdArray<FloatArray>): MapMoments[] {
  const { numBins } = checkMap(map, 'mapMoments');
  return Array.from({ length: numBins }, (_, bin) => {
    const values = mapOfBin(map, bin);
    const mean = meanOf(values);
    const variance = centralMoment(values, 2, mean);
    return {
      mean,
      variance,
      skewness: centralMoment(values, 3, mean) / variance ** 1.5,
      excessKurtosis: centralMoment(values, 4, mean) / variance ** 2 - 3,
    };
  });
}
