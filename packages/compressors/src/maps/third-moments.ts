import { InvalidArgumentError } from '@lensfield/kernels';
import { type BandPass, bandPass, filteredField, standardDeviations, suitsMap } from './band-pass.ts';
import type { MapGeometry, ModeStatistic } from './map-statistics.ts';
import { createProductSums } from './product-sums.ts';

/** A filter scale in pixels for two of the three factors, and one at least as long for the third. */
export type ScalePair = readonly [short: number, long: number];

export interface ThirdMomentOptions {
  /**
   * Powers of two that divide `mapSize`, at most an eighth of it. Default: [1, 1], [1, 4] and [1, 8], without those that do not
   * suit the map.
   */
  readonly scales?: readonly ScalePair[];
}

/**
 * Third moments of the bins of noisy maps, for {@link mapStatistics}: the mean of x_i x_j y_k over the product of their standard
 * deviations, where x is the map filtered at the short scale of a pair and y at the long one. They are zero on average for
 * Gaussian fields, so they hold what band powers miss first: with equal scales the skewness of structures of one size, with
 * different ones how the power of small structures follows the large ones around them.
 *
 * The filter of scale s is a difference of Gaussians of width s and 2 s pixels.
 *
 * Order: pair of scales by pair of scales; bins i <= j <= k in row order where the scales are equal, otherwise for each i <= j
 * all k.
 * Accuracy: equal to direct sums over filtered pixels to 1e-5 (test/third-moments.test.ts). On LSST-Y10 maps the default raises
 * the Fisher figure of merit of band powers in (omega_c, sigma_8) from 1610 to 2450
 * (docs/decisions/2026-11-24-statistics-of-maps.md).
 *
 * @throws {InvalidArgumentError} from the returned function if a scale does not suit the map or a pair is not in order.
 */
export function thirdMoments(options: ThirdMomentOptions = {}): (geometry: MapGeometry) => ModeStatistic {
  return (geometry) => {
    const { mapSize, numBins } = geometry;
    const scales = options.scales ?? DEFAULT_SCALES.filter((pair) => pair.every((s) => suitsMap(s, mapSize)));
    for (const pair of scales) requirePair(pair, mapSize);
    const groups = groupsOf(geometry, scales);
    return {
      numFeatures: scales.reduce((sum, pair) => sum + triplesOf(pair, numBins).length, 0),
      measure(modes, out, offset) {
        for (const group of groups) measureGroup(geometry, group, modes, out, offset);
      },
    };
  };
}

const DEFAULT_SCALES: readonly ScalePair[] = [
  [1, 1],
  [1, 4],
  [1, 8],
];

/** Bins of a moment, and which of all sums over pixels of x_i x_j y_k it is. */
interface Triple {
  readonly bins: readonly [i: number, j: number, k: number];
  readonly pair: number;
}

/** Moments that share their short scale, and with it the products of pairs of bins. */
interface Group {
  readonly short: BandPass;
  readonly longs: readonly LongScale[];
  readonly productSums: ReturnType<typeof createProductSums>;
}

interface LongScale {
  /** None where the scale is the short one. */
  readonly filter: BandPass | undefined;
  readonly triples: readonly Triple[];
  /** Of its moments among all features of the statistic. */
  readonly offset: number;
}

function groupsOf(geometry: MapGeometry, scales: readonly ScalePair[]): Group[] {
  const { kernels, numBins } = geometry;
  const longsOf = new Map<number, LongScale[]>();
  let offset = 0;
  for (const [short, long] of scales) {
    const triples = triplesOf([short, long], numBins);
    const filter = long === short ? undefined : bandPass(geometry, long, short);
    longsOf.set(short, [...(longsOf.get(short) ?? []), { filter, triples, offset }]);
    offset += triples.length;
  }
  return Array.from(longsOf, ([short, longs]) => ({
    short: bandPass(geometry, short),
    longs,
    productSums: createProductSums(kernels, numBins, longs.length),
  }));
}

function triplesOf([short, long]: ScalePair, numBins: number): Triple[] {
  const triples: Triple[] = [];
  let pair = 0;
  for (let i = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++, pair++) {
      for (let k = short === long ? j : 0; k < numBins; k++) triples.push({ bins: [i, j, k], pair });
    }
  }
  return triples;
}

function measureGroup(
  geometry: MapGeometry,
  { short, longs, productSums }: Group,
  modes: Float32Array,
  out: Float32Array,
  offset: number,
): void {
  const { kernels, numBins } = geometry;
  const x = filteredField(geometry, short, modes);
  const ys = longs.map(({ filter }) => (filter ? filteredField(geometry, filter, modes) : x));
  const sums = productSums(x, ys);
  const sdX = standardDeviations(kernels, x, numBins);
  const numPixels = short.size ** 2;
  const numColumns = longs.length * numBins;
  longs.forEach(({ filter, triples, offset: own }, f) => {
    const sdY = filter ? standardDeviations(kernels, ys[f], numBins) : sdX;
    triples.forEach(({ bins: [i, j, k], pair }, t) => {
      const scale = numPixels * sdX[i] * sdX[j] * sdY[k];
      out[offset + own + t] = scale > 0 ? sums[pair * numColumns + f * numBins + k] / scale : 0;
    });
  });
}

function requirePair([short, long]: ScalePair, mapSize: number): void {
  if (suitsMap(short, mapSize) && suitsMap(long, mapSize) && short <= long) return;
  throw new InvalidArgumentError(
    'scales',
    `compressors.thirdMoments: scales must be pairs of powers of two, the longer one last, that divide mapSize ${mapSize} into at least 8; got [${short}, ${long}].`,
  );
}
