import { averageModes, type Kernels, mixModesGradient, rfft2 } from '@lensfield/kernels';
import { createBuffers, mapArrays } from '../buffers.ts';

/** A map in units of its noise, mode by mode. */
export interface ObservedModes {
  /** [bins, N, N / 2 + 1, 2]. */
  readonly modes: Float32Array;
  /** Real parts of the products of two bins, averaged over the places of each distinct mode, [modes, lanes], packed upper triangles. */
  readonly power: Float64Array;
}

/** @param map  [bins, N, N]. */
export function observeModes(
  kernels: Kernels,
  geometry: { readonly mapSize: number; readonly numBins: number; readonly lanes: number },
  map: Float32Array,
  { modes, power }: ObservedModes,
): void {
  const { mapSize, numBins, lanes } = geometry;
  const mixing = { size: mapSize, fields: numBins };
  const temporary = createBuffers(kernels);
  const { halfPlane, quadrant: matrices } = mapArrays(temporary, geometry);
  const [unused, quadrant, products] = [halfPlane(), matrices(), matrices()];
  rfft2(kernels, map, modes, { batch: numBins, rows: mapSize, columns: mapSize });
  mixModesGradient(
    kernels,
    { quadrant, input: modes, cotangent: modes, inputGradient: unused, products },
    mixing,
  );
  averageModes(kernels, products, power, { ...mixing, lanes });
  halveOffDiagonal(power, lanes, numBins);
  temporary.release();
}

/** The products of two different bins come twice. */
function halveOffDiagonal(power: Float64Array, lanes: number, numBins: number): void {
  for (let start = 0; start < power.length; start += lanes)
    for (let i = 0, pair = start; i < numBins; i++)
      for (let j = i; j < numBins; j++, pair++) if (j !== i) power[pair]! *= 0.5;
}
