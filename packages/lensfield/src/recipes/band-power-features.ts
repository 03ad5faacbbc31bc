import { type Kernels, rfft2 } from '@lensfield/kernels';

export interface BandPowerOptions {
  readonly kernels: Kernels;
  /** Pixels along a side of the maps: 2^a 3^b 5^c. */
  readonly mapSize: number;
  readonly numBins: number;
  readonly numBands: number;
}

/** Numbers of each map that hold what its power spectra say. */
export interface BandPowerFeatures {
  readonly numFeatures: number;
  /** Maps [n, mapSize, mapSize, numBins] to [n, numFeatures]. */
  of(maps: Float32Array, numMaps: number): Float32Array;
}

/**
 * Band powers as inputs of a network: the logarithm of each auto-spectrum, and each cross-spectrum divided by the root of its two
 * auto-spectra. Bands are equal in log |k| from the fundamental mode to the Nyquist frequency; a band without modes is left out. Faster
 * than `measuredSpectra` of @lensfield/diagnostics and in float32, since training calls it for every noisy map.
 */
export function bandPowerFeatures(options: BandPowerOptions): BandPowerFeatures {
  const { kernels, mapSize, numBins } = options;
  const bands = halfPlaneBands(mapSize, options.numBands);
  const numPairs = (numBins * (numBins + 1)) / 2;
  const numModes = mapSize * (mapSize / 2 + 1);
  const fields = kernels.float32(numBins * mapSize * mapSize);
  const modes = kernels.float32(2 * numBins * numModes);
  const numFeatures = numPairs * bands.numBands;

  return {
    numFeatures,
    of(maps, numMaps) {
      const features = new Float32Array(numMaps * numFeatures);
      const length = fields.length;
      for (let i = 0; i < numMaps; i++) {
        splitBins(maps.subarray(i * length, (i + 1) * length), fields, numBins);
        rfft2(kernels, fields, modes, { batch: numBins, rows: mapSize, columns: mapSize });
        const powers = pairPowers(modes, numModes, numBins, bands);
        writeFeatures(
          powers,
          numBins,
          bands.numBands,
          features.subarray(i * numFeatures, (i + 1) * numFeatures),
        );
      }
      return features;
    },
  };
}

/** Band and weight of each mode of the half plane; modes outside all bands have band -1. */
interface HalfPlaneBands {
  readonly numBands: number;
  readonly bandOf: Int32Array;
  /** Modes of the whole plane that a stored one stands for, over those of its band. */
  readonly weightOf: Float64Array;
}

function halfPlaneBands(mapSize: number, wanted: number): HalfPlaneBands {
  const columns = mapSize / 2 + 1;
  const nyquist = mapSize / 2;
  const raw = new Int32Array(mapSize * columns).fill(-1);
  const multiplicity = new Float64Array(raw.length);
  for (let row = 0; row < mapSize; row++) {
    for (let column = 0; column < columns; column++) {
      const k = Math.hypot(Math.min(row, mapSize - row), column);
      if (k < 1 || k >= nyquist) continue;
      raw[row * columns + column] = Math.floor((wanted * Math.log(k)) / Math.log(nyquist));
      multiplicity[row * columns + column] = column === 0 ? 1 : 2;
    }
  }
  const totals = new Float64Array(wanted);
  raw.forEach((band, mode) => {
    if (band >= 0) totals[band] += multiplicity[mode]!;
  });
  const filled = Array.from(totals.keys()).filter((band) => totals[band]! > 0);
  return {
    numBands: filled.length,
    bandOf: raw.map((band) => (band < 0 ? -1 : filled.indexOf(band))),
    weightOf: multiplicity.map((m, mode) => (raw[mode]! < 0 ? 0 : m / totals[raw[mode]!]!)),
  };
}

function splitBins(map: Float32Array, fields: Float32Array, numBins: number): void {
  const numPixels = fields.length / numBins;
  for (let pixel = 0; pixel < numPixels; pixel++) {
    for (let bin = 0; bin < numBins; bin++) fields[bin * numPixels + pixel] = map[pixel * numBins + bin]!;
  }
}

/** Mean of Re(F_i conj F_j) in each band, [pairs, bands]. */
function pairPowers(
  modes: Float32Array,
  numModes: number,
  numBins: number,
  { bandOf, weightOf, numBands }: HalfPlaneBands,
): Float64Array {
  const powers = new Float64Array(((numBins * (numBins + 1)) / 2) * numBands);
  for (let mode = 0; mode < numModes; mode++) {
    const band = bandOf[mode]!;
    if (band < 0) continue;
    const weight = weightOf[mode]!;
    let at = band;
    for (let i = 0; i < numBins; i++) {
      const real = weight * modes[2 * (i * numModes + mode)]!;
      const imaginary = weight * modes[2 * (i * numModes + mode) + 1]!;
      for (let j = i; j < numBins; j++) {
        const other = 2 * (j * numModes + mode);
        powers[at] += real * modes[other]! + imaginary * modes[other + 1]!;
        at += numBands;
      }
    }
  }
  return powers;
}

function writeFeatures(powers: Float64Array, numBins: number, numBands: number, out: Float32Array): void {
  const rowOf = (i: number, j: number) => i * numBins - (i * (i - 1)) / 2 + (j - i);
  for (let i = 0; i < numBins; i++) {
    for (let j = i; j < numBins; j++) {
      for (let band = 0; band < numBands; band++) {
        const power = powers[rowOf(i, j) * numBands + band]!;
        const autos = powers[rowOf(i, i) * numBands + band]! * powers[rowOf(j, j) * numBands + band]!;
        out[rowOf(i, j) * numBands + band] = i === j ? Math.log(power) : power / Math.sqrt(autos);
      }
    }
  }
}
