import { binary, irfft2, type Kernels, sumOfSquares } from '@lensfield/kernels';
import type { MapGeometry } from './map-statistics.ts';

/** A filter on the modes that a grid of `size` pixels a side holds, with the buffers of the filtered fields. */
export interface BandPass {
  readonly size: number;
  /** Transfer function on the half plane of that grid, each value twice: for the real and the imaginary part. */
  readonly transfer: Float32Array;
  readonly modes: Float32Array;
  readonly field: Float32Array;
}

const halfOf = (size: number): number => Math.floor(size / 2) + 1;

/**
 * A difference of Gaussians of width `scale` and twice that, in pixels, evaluated on every `step`-th pixel: with a step of the
 * scale it still holds all modes but for a tail of 0.7 %.
 */
export function bandPass({ kernels, mapSize, numBins }: MapGeometry, scale: number, step = scale): BandPass {
  const size = mapSize / step;
  const columns = halfOf(size);
  const transfer = kernels.float32(size * columns * 2);
  for (let row = 0; row < size; row++) {
    const ky = row <= size / 2 ? row : row - size;
    for (let kx = 0; kx < columns; kx++) {
      const k2 = ((2 * Math.PI * scale) / mapSize) ** 2 * (kx * kx + ky * ky);
      const at = 2 * (row * columns + kx);
      transfer.fill(Math.exp(-k2 / 2) - Math.exp(-2 * k2), at, at + 2);
    }
  }
  return {
    size,
    transfer,
    modes: kernels.float32(numBins * size * columns * 2),
    field: kernels.float32(numBins * size * size),
  };
}

/** The filtered fields of modes of a map, [numBins, size, size]: they lie in the filter until its next use. */
export function filteredField(geometry: MapGeometry, filter: BandPass, modes: Float32Array): Float32Array {
  const { kernels, mapSize, numBins } = geometry;
  const { size, field } = filter;
  const numLow = Math.floor(size / 2) + 1;
  for (let bin = 0; bin < numBins; bin++) {
    const plane = bin * mapSize;
    multiplyRows(geometry, modes, plane, filter, bin, [0, numLow]);
    multiplyRows(geometry, modes, plane + mapSize - size, filter, bin, [numLow, size]);
  }
  irfft2(kernels, filter.modes, field, { batch: numBins, rows: size, columns: size });
  return field;
}

/** Rows from `first` to `end` of one bin of the filter's grid; row `first` of the grid is row `first + shift` of all modes. */
function multiplyRows(
  { kernels, mapSize }: MapGeometry,
  modes: Float32Array,
  shift: number,
  filter: BandPass,
  bin: number,
  [first, end]: readonly [number, number],
): void {
  const { size, transfer } = filter;
  const columns = 2 * halfOf(size);
  const allColumns = 2 * halfOf(mapSize);
  const out = filter.modes.subarray((bin * size + first) * columns, (bin * size + end) * columns);
  const source = modes.subarray((shift + first) * allColumns);
  binary(kernels, 'multiply', source, transfer.subarray(first * columns), out, [
    [end - first, allColumns, columns],
    [columns, 1, 1],
  ]);
}

/** Standard deviation of each field about zero, its mean. */
export function standardDeviations(kernels: Kernels, field: Float32Array, numBins: number): Float64Array {
  const numPixels = field.length / numBins;
  return Float64Array.from({ length: numBins }, (_, bin) =>
    Math.sqrt(sumOfSquares(kernels, field.subarray(bin * numPixels, (bin + 1) * numPixels)) / numPixels),
  );
}

/** Whether a grid of every `scale`-th pixel has at least 8 a side, so that a moment is a mean over something. */
export function suitsMap(scale: number, mapSize: number): boolean {
  return scale >= 1 && Number.isInteger(Math.log2(scale)) && mapSize % scale === 0 && mapSize / scale >= 8;
}
