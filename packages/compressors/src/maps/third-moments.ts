import { gemm, InvalidArgumentError, irfft2, type Kernels } from '@lensfield/kernels';
import type { MapGeometry, ModeStatistic } from './map-statistics.ts';

export interface ThirdMomentOptions {
  /** Filter scales in pixels: powers of two that divide `mapSize`, at most an eighth of it. Default: those from 1 to 16 that are. */
  readonly scales?: readonly number[];
}

/**
 * Third moments of the bins of noisy maps, for {@link mapStatistics}: the mean of x_i x_j x_k over the product of their standard
 * deviations, for all bins i <= j <= k, of maps filtered at a few scales. They are zero on average for Gaussian fields, so they
 * hold what band powers miss first.
 *
 * The filter of scale s is a difference of Gaussians of width s and 2 s pixels; the filtered map is evaluated on every s-th
 * pixel, where it still holds all modes but for a tail of 0.7 %.
 *
 * Order: scale by scale, triples (0,0,0), (0,0,1), ... (numBins - 1, numBins - 1, numBins - 1).
 * Accuracy: equal to direct sums over filtered pixels to 1e-5 (test/third-moments.test.ts).
 *
 * @throws {InvalidArgumentError} from the returned function if a scale does not suit the map.
 */
export function thirdMoments(options: ThirdMomentOptions = {}): (geometry: MapGeometry) => ModeStatistic {
  return ({ kernels, mapSize, numBins }) => {
    const scales = options.scales ?? [1, 2, 4, 8, 16].filter((scale) => suits(scale, mapSize));
    for (const scale of scales) requireScale(scale, mapSize);
    const filters = scales.map((scale) => filterOf(kernels, mapSize, numBins, scale));
    const triples = tripleSums(kernels, numBins);
    return {
      numFeatures: triples.numTriples * scales.length,
      measure(modes, out, offset) {
        filters.forEach((filter, s) => {
          applyFilter(modes, filter, mapSize, numBins);
          const { size, field } = filter;
          irfft2(kernels, filter.modes, field, { batch: numBins, rows: size, columns: size });
          triples.write(field, out, offset + s * triples.numTriples);
        });
      },
    };
  };
}

/** A filter on the modes that a grid of `size` pixels a side holds, with the buffers of the filtered fields. */
interface Filter {
  readonly size: number;
  /** Transfer function on the half plane of that grid. */
  readonly transfer: Float32Array;
  readonly modes: Float32Array;
  readonly field: Float32Array;
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
  return {
    size,
    transfer,
    modes: kernels.float32(numBins * size * columns * 2),
    field: kernels.float32(numBins * size * size),
  };
}

/** Takes the modes that the filter's grid holds and multiplies them by its transfer function. */
function applyFilter(modes: Float32Array, filter: Filter, mapSize: number, numBins: number): void {
  const { size, transfer } = filter;
  const columns = halfOf(size);
  const allColumns = halfOf(mapSize);
  for (let bin = 0; bin < numBins; bin++) {
    for (let row = 0; row < size; row++) {
      const sourceRow = row <= size / 2 ? row : mapSize - size + row;
      let from = 2 * (bin * mapSize + sourceRow) * allColumns;
      let to = 2 * (bin * size + row) * columns;
      for (let column = 0; column < columns; column++) {
        const factor = transfer[row * columns + column];
        filter.modes[to++] = modes[from++] * factor;
        filter.modes[to++] = modes[from++] * factor;
      }
    }
  }
}

/** Pixels whose products fit into the cache of a core. */
const CHUNK = 1024;

/** Third moments of fields, [numBins, numPixels], with buffers for the products of a chunk of pixels. */
function tripleSums(kernels: Kernels, numBins: number) {
  const numPairs = (numBins * (numBins + 1)) / 2;
  const part = kernels.float32(numBins * CHUNK);
  const products = kernels.float32(numPairs * CHUNK);
  const chunkSums = kernels.float32(numPairs * numBins);
  const sums = new Float64Array(numPairs * numBins);
  return {
    numTriples: (numBins * (numBins + 1) * (numBins + 2)) / 6,
    write(field: Float32Array, out: Float32Array, offset: number): void {
      const numPixels = field.length / numBins;
      const squares = new Float64Array(numBins);
      sums.fill(0);
      for (let start = 0; start < numPixels; start += CHUNK) {
        const length = Math.min(CHUNK, numPixels - start);
        for (let bin = 0; bin < numBins; bin++) {
          const from = bin * numPixels + start;
          part.set(field.subarray(from, from + length), bin * length);
        }
        writeProducts(part, numBins, length, products);
        const [a, b] = [products.subarray(0, numPairs * length), part.subarray(0, numBins * length)];
        gemm(kernels, a, b, chunkSums, { m: numPairs, n: numBins, k: length, transposeB: true });
        for (let i = 0; i < sums.length; i++) sums[i] += chunkSums[i];
        addSquares(part, length, squares);
      }
      writeMoments(sums, squares, numPixels, out, offset);
    },
  };
}

/** x_i x_j of each pixel, [pairs, length]. */
function writeProducts(part: Float32Array, numBins: number, length: number, products: Float32Array): void {
  let to = 0;
  for (let i = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++) {
      for (let a = i * length, b = j * length; a < (i + 1) * length; a++, b++, to++) {
        products[to] = part[a] * part[b];
      }
    }
  }
}

function addSquares(part: Float32Array, length: number, squares: Float64Array): void {
  for (let bin = 0; bin < squares.length; bin++) {
    let sum = 0;
    for (let i = bin * length; i < (bin + 1) * length; i++) sum += part[i] * part[i];
    squares[bin] += sum;
  }
}

/** From the sums over pixels of x_i x_j x_k, [pairs, numBins], and of x_i^2. */
function writeMoments(
  sums: Float64Array,
  squares: Float64Array,
  numPixels: number,
  out: Float32Array,
  offset: number,
): void {
  const numBins = squares.length;
  const sd = squares.map((square) => Math.sqrt(square / numPixels));
  let at = offset;
  for (let i = 0, pair = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++, pair++) {
      for (let k = j; k < numBins; k++) {
        const scale = numPixels * sd[i] * sd[j] * sd[k];
        out[at++] = scale > 0 ? sums[pair * numBins + k] / scale : 0;
      }
    }
  }
}

/** A grid of every `scale`-th pixel, of at least 8 a side so that a moment is a mean over something. */
function suits(scale: number, mapSize: number): boolean {
  return mapSize % scale === 0 && mapSize / scale >= 8;
}

function requireScale(scale: number, mapSize: number): void {
  if (Number.isInteger(Math.log2(scale)) && scale >= 1 && suits(scale, mapSize)) return;
  throw new InvalidArgumentError(
    'scales',
    `compressors.thirdMoments: scales must be powers of two that divide mapSize ${mapSize} into at least 8; got ${scale}.`,
  );
}
