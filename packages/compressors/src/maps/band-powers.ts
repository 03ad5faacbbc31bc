import { InvalidArgumentError, type Kernels, rfft2 } from '@lensfield/kernels';
import type { MapFeatures } from '../compressor.ts';
import type { MapStatistics } from './map-statistics.ts';
import { toPlanes } from './planes.ts';

export interface BandPowerOptions {
  readonly kernels: Kernels;
  /** Pixels per side, of the form 2^a 3^b 5^c. */
  readonly mapSize: number;
  readonly numBins: number;
  /** Bands between the lowest mode and the Nyquist frequency, equally wide in log k where modes allow. Default 12. */
  readonly numBands?: number;
}

/** Band powers as a statistic, with their bands. */
export interface BandPowers extends MapStatistics {
  /** Lower edges of the bands and the last upper one, in modes per map side: multiply by 360 over the side in degrees for ell. */
  readonly edges: Float64Array;
}

/**
 * Band powers of the bins of noisy maps as features: the log of each bin's power, and for each pair of bins their cross power
 * over the geometric mean of the two powers. For each pair i <= j in row order, all bands.
 *
 * Accuracy: powers equal to a direct Fourier sum to 1e-5 (test/band-powers.test.ts).
 *
 * @throws {InvalidArgumentError} if the size does not suit the FFT or there are fewer modes than bands.
 */
export function bandPowerFeatures(options: BandPowerOptions): BandPowers {
  const { kernels, mapSize, numBins, numBands = 12 } = options;
  const edges = bandEdges(mapSize, numBands);
  const modes = modesOfBands(mapSize, edges);
  const numPairs = (numBins * (numBins + 1)) / 2;
  const planes = kernels.float32(numBins * mapSize ** 2);
  const coefficients = kernels.float32(numBins * mapSize * (Math.floor(mapSize / 2) + 1) * 2);
  const powers = new Float64Array(numPairs * numBands);
  const length = mapSize ** 2 * numBins;
  const features: MapFeatures = (maps, numMaps) => {
    const out = new Float32Array(numMaps * numPairs * numBands);
    for (let i = 0; i < numMaps; i++) {
      toPlanes(maps.subarray(i * length, (i + 1) * length), numBins, planes);
      rfft2(kernels, planes, coefficients, { batch: numBins, rows: mapSize, columns: mapSize });
      meanPowers(coefficients, numBins, modes, powers);
      writeFeatures(powers, numBins, numBands, out, i * numPairs * numBands);
    }
    return out;
  };
  return { numFeatures: numPairs * numBands, features, edges };
}

/** Band of each coefficient of the half plane (-1 for none), and how many coefficients of the full plane it stands for. */
interface BandModes {
  readonly band: Int16Array;
  readonly multiplicity: Float64Array;
  readonly total: Float64Array;
}

/** Edges from the lowest mode to the Nyquist frequency; narrow bands are widened to the next whole mode. */
function bandEdges(mapSize: number, numBands: number): Float64Array {
  const highest = mapSize / 2;
  if (!Number.isInteger(numBands) || numBands < 1 || numBands > highest - 1) {
    throw new InvalidArgumentError(
      'numBands',
      `compressors.bandPowerFeatures: numBands must be a whole number from 1 to ${highest - 1}; got ${numBands}.`,
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

function modesOfBands(mapSize: number, edges: Float64Array): BandModes {
  const columns = Math.floor(mapSize / 2) + 1;
  const band = new Int16Array(mapSize * columns).fill(-1);
  const multiplicity = new Float64Array(mapSize * columns);
  const total = new Float64Array(edges.length - 1);
  for (let row = 0; row < mapSize; row++) {
    const ky = row <= mapSize / 2 ? row : row - mapSize;
    for (let kx = 0; kx < columns; kx++) {
      const k = Math.hypot(kx, ky);
      const found = edges.findIndex((edge, i) => k >= edge && i + 1 < edges.length && k < edges[i + 1]);
      if (found < 0) continue;
      const at = row * columns + kx;
      band[at] = found;
      multiplicity[at] = kx === 0 || 2 * kx === mapSize ? 1 : 2;
      total[found] += multiplicity[at];
    }
  }
  return { band, multiplicity, total };
}

/** Mean of Re(F_i conj F_j) over the modes of each band, pair by pair. */
function meanPowers(
  coefficients: Float32Array,
  numBins: number,
  modes: BandModes,
  powers: Float64Array,
): void {
  const numBands = modes.total.length;
  const planeLength = modes.band.length;
  powers.fill(0);
  for (let mode = 0; mode < planeLength; mode++) {
    const band = modes.band[mode];
    if (band < 0) continue;
    const weight = modes.multiplicity[mode] / modes.total[band];
    let pair = band;
    for (let i = 0; i < numBins; i++) {
      const re = coefficients[2 * (i * planeLength + mode)] * weight;
      const im = coefficients[2 * (i * planeLength + mode) + 1] * weight;
      for (let j = i; j < numBins; j++) {
        const at = 2 * (j * planeLength + mode);
        powers[pair] += re * coefficients[at] + im * coefficients[at + 1];
        pair += numBands;
      }
    }
  }
}

function writeFeatures(
  powers: Float64Array,
  numBins: number,
  numBands: number,
  out: Float32Array,
  offset: number,
): void {
  const rowOf = (i: number) => i * numBins - (i * (i - 1)) / 2;
  for (let i = 0, pair = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++, pair++) {
      for (let band = 0; band < numBands; band++) {
        const power = powers[pair * numBands + band];
        const scale = powers[rowOf(i) * numBands + band] * powers[rowOf(j) * numBands + band];
        out[offset + pair * numBands + band] = i === j ? Math.log(power) : power / Math.sqrt(scale);
      }
    }
  }
}
