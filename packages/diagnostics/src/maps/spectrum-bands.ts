import { checkWholeNumber, invalid } from '../_argument-checks.ts';

/** The modes of a square map with periodic edges, and the bands of multipoles they are averaged in. */
export interface SpectrumBands {
  /** Pixels per side. */
  readonly mapSize: number;
  /** Side of the map. */
  readonly fieldSizeDeg: number;
  /** Band edges in ell, increasing, shape [numBands + 1]; a band holds its lower edge. */
  readonly edges: ArrayLike<number>;
}

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/**
 * Edges of `numBands` bands of equal width from half the fundamental mode, 2 pi / side, to the Nyquist frequency, pi / pixel.
 *
 * @throws {InvalidArgumentError} if the bands would be narrower than the fundamental mode.
 */
export function evenBandEdges(options: {
  readonly mapSize: number;
  readonly fieldSizeDeg: number;
  readonly numBands: number;
}): Float64Array {
  const { mapSize, fieldSizeDeg, numBands } = options;
  const where = 'evenBandEdges';
  checkGeometry(mapSize, fieldSizeDeg, where);
  checkWholeNumber(numBands, 1, { where, name: 'numBands' });
  const fundamental = (2 * Math.PI) / radians(fieldSizeDeg);
  const nyquist = (fundamental * mapSize) / 2;
  if (numBands > mapSize / 2 - 0.5) {
    throw invalid(
      { where, name: 'numBands' },
      `be at most ${Math.floor(mapSize / 2 - 0.5)} for a map of ${mapSize} pixels`,
      String(numBands),
    );
  }
  const width = (nyquist - fundamental / 2) / numBands;
  return Float64Array.from({ length: numBands + 1 }, (_, i) => fundamental / 2 + i * width);
}

/**
 * A smooth spectrum averaged over the very modes that {@link measuredSpectra} averages: what to compare measured bands with. A value at
 * the middle of a band differs by percents where the spectrum is steep.
 *
 * @param spectrum  C(ell), for ell > 0.
 * @returns         Shape [numBands].
 * @throws {InvalidArgumentError} as {@link measuredSpectra}.
 */
export function bandAverages(bands: SpectrumBands, spectrum: (ell: number) => number): Float64Array {
  const modes = modeBands(bands, 'bandAverages');
  const sums = new Float64Array(modes.numModes.length);
  // Modes of equal |k|^2 share one evaluation.
  const values = new Map<number, number>();
  forEachMode(modes, (band, _at, squared) => {
    let value = values.get(squared);
    if (value === undefined) {
      value = spectrum(modes.fundamental * Math.sqrt(squared));
      values.set(squared, value);
    }
    sums[band] += value;
  });
  return sums.map((sum, band) => sum / modes.numModes[band]);
}

export interface ModeBands {
  readonly mapSize: number;
  /** ell of the fundamental mode. */
  readonly fundamental: number;
  /** Band of each mode of the full plane, row-major [N, N]; -1 outside all bands. */
  readonly bandOfMode: Int32Array;
  readonly numModes: Float64Array;
  readonly meanEll: Float64Array;
}

/** Sorts the modes into bands; checks the edges. */
export function modeBands({ mapSize, fieldSizeDeg, edges }: SpectrumBands, where: string): ModeBands {
  checkGeometry(mapSize, fieldSizeDeg, where);
  checkEdges(edges, where);
  const fundamental = (2 * Math.PI) / radians(fieldSizeDeg);
  const bandOfMode = new Int32Array(mapSize * mapSize).fill(-1);
  const numModes = new Float64Array(edges.length - 1);
  const meanEll = new Float64Array(edges.length - 1);
  for (let at = 0; at < bandOfMode.length; at++) {
    const squared = squaredWavenumber(at, mapSize);
    const ell = fundamental * Math.sqrt(squared);
    const band = squared === 0 ? -1 : bandOf(ell, edges);
    bandOfMode[at] = band;
    if (band < 0) continue;
    numModes[band]++;
    meanEll[band] += ell;
  }
  const empty = numModes.indexOf(0);
  if (empty >= 0) {
    throw invalid(
      { where, name: 'edges' },
      'leave a mode of the map in every band',
      `none in ${edges[empty]} to ${edges[empty + 1]}`,
      `The modes are multiples of ${fundamental.toPrecision(4)} up to ${((fundamental * mapSize) / 2).toPrecision(4)} along each axis; use wider bands.`,
    );
  }
  return {
    mapSize,
    fundamental,
    bandOfMode,
    numModes,
    meanEll: meanEll.map((sum, band) => sum / numModes[band]),
  };
}

export function forEachMode(
  modes: ModeBands,
  visit: (band: number, at: number, squared: number) => void,
): void {
  modes.bandOfMode.forEach((band, at) => {
    if (band >= 0) visit(band, at, squaredWavenumber(at, modes.mapSize));
  });
}

/** |k|^2 of a mode in units of the fundamental, indices above N/2 being negative frequencies. */
function squaredWavenumber(at: number, mapSize: number): number {
  const row = Math.floor(at / mapSize);
  const column = at % mapSize;
  return Math.min(row, mapSize - row) ** 2 + Math.min(column, mapSize - column) ** 2;
}

function bandOf(ell: number, edges: ArrayLike<number>): number {
  if (ell < edges[0] || ell >= edges[edges.length - 1]) return -1;
  let low = 0;
  let high = edges.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ell >= edges[middle]) low = middle;
    else high = middle;
  }
  return low;
}

function checkGeometry(mapSize: number, fieldSizeDeg: number, where: string): void {
  checkWholeNumber(mapSize, 2, { where, name: 'mapSize' });
  if (!(fieldSizeDeg > 0 && fieldSizeDeg < 360)) {
    throw invalid(
      { where, name: 'fieldSizeDeg' },
      'be the side of the map in degrees, above 0 and below 360',
      String(fieldSizeDeg),
    );
  }
}

function checkEdges(edges: ArrayLike<number>, where: string): void {
  const list = Array.from(edges);
  if (
    list.length < 2 ||
    !list.every((edge, i) => Number.isFinite(edge) && edge > (i > 0 ? list[i - 1] : -Number.MIN_VALUE))
  ) {
    throw invalid(
      { where, name: 'edges' },
      'be at least 2 increasing multipoles, none below 0',
      `[${list.join(', ')}]`,
    );
  }
}
