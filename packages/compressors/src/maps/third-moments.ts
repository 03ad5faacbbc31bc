import { gemm, InvalidArgumentError, irfft2, type Kernels, rfft2 } from '@lensfield/kernels';
import type { MapStatistics } from './map-statistics.ts';
import { toPlanes } from './planes.ts';

export interface ThirdMomentOptions {
  readonly kernels: Kernels;
  /** Pixels per side, of the form 2^a 3^b 5^c. */
  readonly mapSize: number;
  readonly numBins: number;
  /** Filter scales in pixels: powers of two that divide `mapSize`, at most an eighth of it. Default: those from 1 to 8 that are. */
  readonly scales?: readonly number[];
}

/**
 * Third moments of the bins of noisy maps as features: the mean of x_i x_j x_k over the product of their standard deviations,
 * for all bins i <= j <= k, of maps filtered at a few scales. They are zero on average for Gaussian fields, so they hold what
 * band powers miss first, and a linear function of them goes far: on LSST-Y10 maps they add what convolutions find only after
 * many epochs (docs/decisions).
 *
 * The filter of scale s is a difference of Gaussians of width s and 2 s pixels; the filtered map is evaluated on every s-th
 * pixel, where it still holds all modes but for a tail of 0.7 %.
 *
 * Order: scale by scale, triples (0,0,0), (0,0,1), ... (numBins - 1, numBins - 1, numBins - 1).
 * Accuracy: equal to direct sums over filtered pixels to 1e-4 (test/third-moments.test.ts).
 *
 * @throws {InvalidArgumentError} if a scale does not suit the map.
 */
export function thirdMomentFeatures(options: ThirdMomentOptions): MapStatistics {
  const { kernels, mapSize, numBins } = options;
  const scales = options.scales ?? [1, 2, 4, 8].filter((scale) => suits(scale, mapSize));
  for (const scale of scales) requireScale(scale, mapSize);
  const filters = scales.map((scale) => filterOf(kernels, mapSize, numBins, scale));
  const planes = kernels.float32(numBins * mapSize ** 2);
  const coefficients = kernels.float32(numBins * mapSize * halfOf(mapSize) * 2);
  const numTriples = (numBins * (numBins + 1) * (numBins + 2)) / 6;
  const numFeatures = numTriples * scales.length;
  const length = mapSize ** 2 * numBins;
  return {
    numFeatures,
    features(maps, numMaps) {
      const out = new Float32Array(numMaps * numFeatures);
      for (let i = 0; i < numMaps; i++) {
        toPlanes(maps.subarray(i * length, (i + 1) * length), numBins, planes);
        rfft2(kernels, planes, coefficients, { batch: numBins, rows: mapSize, columns: mapSize });
        filters.forEach((filter, s) => {
          applyFilter(coefficients, filter, mapSize, numBins);
          irfft2(kernels, filter.modes, filter.field, {
            batch: numBins,
            rows: filter.size,
            columns: filter.size,
          });
          writeMoments(kernels, filter, numBins, out, i * numFeatures + s * numTriples);
        });
      }
      return out;
    },
  };
}

/** A filter on the modes that a grid of `size` pixels a side holds, with the buffers of the filtered fields. */
interface Filter {
  readonly size: number;
  /** Transfer function on the half plane of that grid. */
  readonly transfer: Float32Array;
  readonly modes: Float32Array;
  readonly field: Float32Array;
  /** Products of the fields of each pair of bins, and their sums with each bin. */
  readonly products: Float32Array;
  readonly sums: Float32Array;
}

const halfOf = (size: number): number => Math.floor(size / 2) + 1;

function filterOf(kernels: Kernels, mapSize: number, numBins: number, scale: number): Filter {
  const size = mapSize / scale;
  const columns = halfOf(size);
  const transfer = new Float32Array(size * columns);
  for (let row = 0; row < size; row++) {
    const ky = row <= size / 2 ? row : row - size;
    for (let kx = 0; kx < columns; kx++) {
      const k2 = ((2 * Math.PI * scale) / mapSize) ** 2 * (kx * kx + ky * ky);
      transfer[row * columns + kx] = Math.exp(-k2 / 2) - Math.exp(-2 * k2);
    }
  }
  const numPairs = (numBins * (numBins + 1)) / 2;
  return {
    size,
    transfer,
    modes: kernels.float32(numBins * size * columns * 2),
    field: kernels.float32(numBins * size * size),
    products: kernels.float32(numPairs * size * size),
    sums: kernels.float32(numPairs * numBins),
  };
}

/** Takes the modes that the filter's grid holds and multiplies them by its transfer function. */
function applyFilter(coefficients: Float32Array, filter: Filter, mapSize: number, numBins: number): void {
  const { size, transfer, modes } = filter;
  const columns = halfOf(size);
  const allColumns = halfOf(mapSize);
  for (let bin = 0; bin < numBins; bin++) {
    for (let row = 0; row < size; row++) {
      const sourceRow = row <= size / 2 ? row : mapSize - size + row;
      let from = 2 * (bin * mapSize + sourceRow) * allColumns;
      let to = 2 * (bin * size + row) * columns;
      for (let column = 0; column < columns; column++) {
        const factor = transfer[row * columns + column];
        modes[to++] = coefficients[from++] * factor;
        modes[to++] = coefficients[from++] * factor;
      }
    }
  }
}

/**
 * Moments of one filtered field, [numBins, numPixels]: the products of all pairs, then one matrix product with the field.
 */
function writeMoments(
  kernels: Kernels,
  filter: Filter,
  numBins: number,
  out: Float32Array,
  offset: number,
): void {
  const { field, products, sums } = filter;
  const numPixels = field.length / numBins;
  let pair = 0;
  for (let i = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++, pair++) {
      let to = pair * numPixels;
      for (let a = i * numPixels, b = j * numPixels; a < (i + 1) * numPixels; a++, b++, to++) {
        products[to] = field[a] * field[b];
      }
    }
  }
  gemm(kernels, products, field, sums, { m: pair, n: numBins, k: numPixels, transposeB: true });
  const sd = standardDeviations(products, numBins, numPixels);
  let at = offset;
  for (let i = 0, first = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++, first++) {
      for (let k = j; k < numBins; k++) {
        const scale = numPixels * sd[i] * sd[j] * sd[k];
        out[at++] = scale > 0 ? sums[first * numBins + k] / scale : 0;
      }
    }
  }
}

/** From the products of each bin with itself. */
function standardDeviations(products: Float32Array, numBins: number, numPixels: number): Float64Array {
  return Float64Array.from({ length: numBins }, (_, bin) => {
    const start = (bin * numBins - (bin * (bin - 1)) / 2) * numPixels;
    let square = 0;
    for (let i = start; i < start + numPixels; i++) square += products[i];
    return Math.sqrt(square / numPixels);
  });
}

/** A grid of every `scale`-th pixel, of at least 8 a side so that a moment is a mean over something. */
function suits(scale: number, mapSize: number): boolean {
  return mapSize % scale === 0 && mapSize / scale >= 8;
}

function requireScale(scale: number, mapSize: number): void {
  if (Number.isInteger(Math.log2(scale)) && scale >= 1 && suits(scale, mapSize)) return;
  throw new InvalidArgumentError(
    'scales',
    `compressors.thirdMomentFeatures: scales must be powers of two that divide mapSize ${mapSize} into at least 8; got ${scale}.`,
  );
}
