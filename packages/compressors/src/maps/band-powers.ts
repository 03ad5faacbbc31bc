import { gemm, InvalidArgumentError, type Kernels } from '@lensfield/kernels';
import type { MapGeometry, ModeStatistic } from './map-statistics.ts';

export interface BandPowerOptions {
  /** Bands between the lowest mode and the Nyquist frequency, equally wide in log k where modes allow. Default 12. */
  readonly numBands?: number;
}

/** Band powers as a statistic, with their bands. */
export interface BandPowers extends ModeStatistic {
  /** Lower edges of the bands and the last upper one, in modes per map side: multiply by 360 over the side in degrees for ell. */
  readonly edges: Float64Array;
}

/**
 * Band powers of the bins of noisy maps, for {@link mapStatistics}: the log of each bin's power, and for each pair of bins their
 * cross power over the geometric mean of the two powers. For each pair i <= j in row order, all bands.
 *
 * Accuracy: powers equal to a direct Fourier sum to 1e-5 (test/band-powers.test.ts).
 *
 * @throws {InvalidArgumentError} from the returned function if there are fewer modes than bands.
 */
export function bandPowers(options: BandPowerOptions = {}): (geometry: MapGeometry) => BandPowers {
  const { numBands = 12 } = options;
  return ({ kernels, mapSize, numBins }) => {
    const edges = bandEdges(mapSize, numBands);
    const bands = bandsOf(kernels, mapSize, numBins, edges);
    const powers = kernels.float32(numBands * numBins ** 2);
    return {
      numFeatures: numBands * ((numBins * (numBins + 1)) / 2),
      edges,
      measure(modes, out, offset) {
        bands.forEach((band, i) => {
          const own = powers.subarray(i * numBins ** 2, (i + 1) * numBins ** 2);
          meanPowers(kernels, modes, band, numBins, own);
        });
        writeFeatures(powers, numBins, numBands, out, offset);
      },
    };
  };
}

/** The modes of one band. */
interface Band {
  /** Where the real part of each mode is, in the half plane of the first bin; the imaginary part follows. */
  readonly positions: Int32Array;
  /** Root of each mode's share of the mean: a mode of the half plane stands for itself and mostly its mirror image. */
  readonly weights: Float32Array;
  /** Floats from one bin to the next in the modes. */
  readonly planeLength: number;
  /** The weighted modes of all bins, [numBins, 2 modes]. */
  readonly gathered: Float32Array;
}

/** Edges from the lowest mode to the Nyquist frequency; narrow bands are widened to the next whole mode. */
function bandEdges(mapSize: number, numBands: number): Float64Array {
  const highest = mapSize / 2;
  if (!Number.isInteger(numBands) || numBands < 1 || numBands > highest - 1) {
    throw new InvalidArgumentError(
      'numBands',
      `compressors.bandPowers: numBands must be a whole number from 1 to ${highest - 1}; got ${numBands}.`,
    );
  }
  const edges = new Float64Array(numBands + 1);
  edges[0] = 0.5;
  for (let band = 1; band <= numBands; band++) {
    const wanted = 0.5 * (highest / 0.5) ** (band / numBands);
    const leftAfter = numBands - band;
    edges[band] = Math.min(highest - leftAfter, Math.max(edges[band - 1] + 1, wanted));
  }
  return edges;
}

function bandsOf(kernels: Kernels, mapSize: number, numBins: number, edges: Float64Array): Band[] {
  const columns = Math.floor(mapSize / 2) + 1;
  const positions: number[][] = Array.from({ length: edges.length - 1 }, () => []);
  const counts: number[][] = positions.map(() => []);
  for (let row = 0; row < mapSize; row++) {
    const ky = row <= mapSize / 2 ? row : row - mapSize;
    for (let kx = 0; kx < columns; kx++) {
      const k = Math.hypot(kx, ky);
      const band = edges.findIndex((edge, i) => k >= edge && i + 1 < edges.length && k < edges[i + 1]);
      if (band < 0) continue;
      positions[band].push(2 * (row * columns + kx));
      counts[band].push(kx === 0 || 2 * kx === mapSize ? 1 : 2);
    }
  }
  return positions.map((own, band) => {
    const total = counts[band].reduce((sum, count) => sum + count, 0);
    return {
      positions: Int32Array.from(own),
      weights: Float32Array.from(counts[band], (count) => Math.sqrt(count / total)),
      planeLength: 2 * mapSize * columns,
      gathered: kernels.float32(numBins * 2 * own.length),
    };
  });
}

/** Mean of Re(F_i conj F_j) over the modes of a band, [numBins, numBins]: one matrix product of the gathered modes. */
function meanPowers(
  kernels: Kernels,
  modes: Float32Array,
  { positions, weights, planeLength, gathered }: Band,
  numBins: number,
  powers: Float32Array,
): void {
  let to = 0;
  for (let bin = 0; bin < numBins; bin++) {
    const plane = bin * planeLength;
    for (let i = 0; i < positions.length; i++) {
      const from = plane + positions[i];
      gathered[to++] = weights[i] * modes[from];
      gathered[to++] = weights[i] * modes[from + 1];
    }
  }
  gemm(kernels, gathered, gathered, powers, {
    m: numBins,
    n: numBins,
    k: 2 * positions.length,
    transposeB: true,
  });
}

function writeFeatures(
  powers: Float32Array,
  numBins: number,
  numBands: number,
  out: Float32Array,
  offset: number,
): void {
  for (let band = 0; band < numBands; band++) {
    const at = (i: number, j: number) => powers[(band * numBins + i) * numBins + j];
    let to = offset + band;
    for (let i = 0; i < numBins; i++) {
      for (let j = i; j < numBins; j++, to += numBands) {
        out[to] = i === j ? Math.log(at(i, i)) : at(i, j) / Math.sqrt(at(i, i) * at(j, j));
      }
    }
  }
}
