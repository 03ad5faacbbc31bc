import {
  cosineTables,
  distinctModes,
  evenTransform,
  interpolateSpectra,
  interpolateSpectraGradient,
  type Kernels,
  log1pLanes,
  log1pLanesGradient,
  modeMagnitudes,
  modeMagnitudesGradient,
} from '@lensfield/kernels';
import type { Buffers } from './buffers.ts';
import { type MapGeometry, type SpectrumNodes, spectrumNodes } from './spectrum-nodes.ts';

export interface GaussianSpectraOptions extends MapGeometry {
  readonly kernels: Kernels;
  readonly buffers: Buffers;
  readonly numBins: number;
}

/**
 * From the spectra and shifts of log-normal fields to the spectra of the Gaussian fields behind them. Works on the distinct modes of the
 * map in float64; owns its buffers, so a result holds until the next call.
 */
export interface GaussianSpectra {
  readonly nodes: SpectrumNodes;
  /** Distinct modes, and how many modes of the full grid each stands for. */
  readonly count: number;
  readonly counts: Float64Array;
  /** Doubles per mode in `values` and the gradient: the pairs of bins, rounded up to a multiple of 8. */
  readonly lanes: number;
  /** Written by `forward`: [modes, lanes], packed upper triangles. Overwritten by `backward`. */
  readonly values: Float64Array;
  /** Caller's input of `backward`: gradient in `values` per mode of the full grid, [modes, lanes]. Overwritten. */
  readonly gradient: Float64Array;
  /** Written by `forward`: sums of `values` over the full grid, [lanes]. */
  readonly totals: Float64Array;
  /** Caller's input of `backward`: gradient in `totals`; zeros at first. */
  readonly totalsGradient: Float64Array;
  forward(spectra: Float64Array, shifts: Float64Array): void;
  /**
   * Gradients in the log spectra at the nodes ([nodes, lanes], a buffer) and, added, in the shifts. Belongs to the last `forward`.
   */
  backward(shifts: Float64Array, shiftGradient: Float64Array): Float64Array;
}

/* Log spectrum of the unused lanes: no power. */
const NO_POWER = -1000;

/**
 * The steps are those of Hilbert, Hartlap and Schneider (2011), section 3, for shifted log-normal fields: the correlation of the
 * Gaussian fields is ln(1 + xi_ij / (shift_i shift_j)), transformed on the periodic map itself.
 */
export function createGaussianSpectra(options: GaussianSpectraOptions): GaussianSpectra {
  const { kernels, buffers, mapSize, numBins } = options;
  const pairs = (numBins * (numBins + 1)) / 2;
  const lanes = Math.ceil(pairs / 8) * 8;
  const { count, counts } = distinctModes(mapSize);
  const nodes = inEngineMemory(buffers, spectrumNodes(options));
  const { interpolation } = nodes;
  const transform = { size: mapSize, lanes, tables: buffers.copyOf(cosineTables(mapSize)) };
  const fieldSizeRad = (options.fieldSizeDeg * Math.PI) / 180;
  const powerScale = (mapSize / fieldSizeRad) ** 2;
  /* `values` and `gradient` end as [modes, lanes]; all else is in blocks of eight lanes. */
  const modes = () => buffers.float64(count * lanes);
  const [power, correlation, values, signed, gradient] = Array.from({ length: 5 }, modes) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const countsCopy = buffers.copyOf(counts);
  const logSpectra = buffers.float64(interpolation.numNodes * lanes).fill(NO_POWER);
  const logSpectraGradient = buffers.float64(logSpectra.length);
  const inverseShifts = buffers.float64(lanes);
  const inverseShiftsGradient = buffers.float64(lanes);
  const [totals, totalsGradient] = [buffers.float64(lanes), buffers.float64(lanes)];

  function setSpectra(spectra: Float64Array): void {
    const { numNodes } = interpolation;
    for (let pair = 0; pair < pairs; pair++)
      for (let node = 0; node < numNodes; node++)
        logSpectra[node * lanes + pair] = Math.log(spectra[pair * numNodes + node]!);
  }

  /** 1 / (shift_i shift_j) and the 1 / N^2 of the inverse transform in one factor. */
  function setShifts(shifts: Float64Array): void {
    for (let i = 0, pair = 0; i < numBins; i++)
      for (let j = i; j < numBins; j++)
        inverseShifts[pair++] = 1 / (shifts[i]! * shifts[j]! * mapSize * mapSize);
  }

  function addShiftGradient(shifts: Float64Array, shiftGradient: Float64Array): void {
    for (let i = 0, pair = 0; i < numBins; i++)
      for (let j = i; j < numBins; j++, pair++) {
        const change = inverseShifts[pair]! * inverseShiftsGradient[pair]!;
        shiftGradient[i]! -= change / shifts[i]!;
        shiftGradient[j]! -= change / shifts[j]!;
      }
  }

  return {
    nodes,
    count,
    counts: countsCopy,
    lanes,
    values,
    gradient,
    totals,
    totalsGradient,
    forward(spectra, shifts) {
      setSpectra(spectra);
      setShifts(shifts);
      interpolateSpectra(kernels, logSpectra, power, interpolation, powerScale);
      evenTransform(kernels, power, correlation, transform);
      log1pLanes(kernels, correlation, inverseShifts, values);
      evenTransform(kernels, values, signed, transform);
      modeMagnitudes(kernels, signed, countsCopy, { magnitudes: values, totals });
    },
    backward(shifts, shiftGradient) {
      modeMagnitudesGradient(kernels, signed, { magnitudes: gradient, totals: totalsGradient }, values);
      evenTransform(kernels, values, gradient, transform);
      log1pLanesGradient(kernels, {
        x: correlation,
        scale: inverseShifts,
        cotangent: gradient,
        counts: countsCopy,
        gradient,
        scaleGradient: inverseShiftsGradient,
      });
      addShiftGradient(shifts, shiftGradient);
      evenTransform(kernels, gradient, values, transform);
      interpolateSpectraGradient(kernels, power, values, logSpectraGradient, interpolation);
      return logSpectraGradient;
    },
  };
}

/** The same nodes with the large arrays where kernels reach them without a copy. */
function inEngineMemory(buffers: Buffers, { ell, interpolation }: SpectrumNodes): SpectrumNodes {
  const first = buffers.int32(interpolation.first.length);
  first.set(interpolation.first);
  const weights = buffers.copyOf(interpolation.weights);
  const counts = buffers.copyOf(interpolation.counts);
  return { ell, interpolation: { ...interpolation, first, weights, counts } };
}
