import { averageModes, type Kernels, mixModesGradient, rfft2 } from '@lensfield/kernels';
import { type Buffers, createBuffers, mapArrays } from '../buffers.ts';

/** A map in units of its noise, mode by mode. */
export interface ObservedModes {
  /** [bins, N, N / 2 + 1, 2]. */
  readonly modes: Float32Array;
  /** Real parts of the products of two bins, averaged over the places of each distinct mode, [modes, lanes], packed upper triangles. */
  readonly power: Float64Array;
}

/** @param data  [bins, N, N]. */
export function observedModes(
  kernels: Kernels,
  buffers: Buffers,
  geometry: {
    readonly mapSize: number;
    readonly numBins: number;
    readonly lanes: number;
    readonly count: number;
  },
  data: Float32Array,
  noise: Float64Array,
): ObservedModes {
  const { mapSize, numBins, lanes, count } = geometry;
  const mixing = { size: mapSize, fields: numBins };
  const pixels = mapSize * mapSize;
  const modes = mapArrays(buffers, geometry).halfPlane();
  const power = buffers.float64(count * lanes);
  const temporary = createBuffers(kernels);
  const { field, halfPlane, quadrant: matrices } = mapArrays(temporary, geometry);
  const [scaled, unused, quadrant, products] = [field(), halfPlane(), matrices(), matrices()];
  for (let i = 0; i < data.length; i++) scaled[i] = data[i]! / noise[Math.floor(i / pixels)]!;
  rfft2(kernels, scaled, modes, { batch: numBins, rows: mapSize, columns: mapSize });
  mixModesGradient(
    kernels,
    { quadrant, input: modes, cotangent: modes, inputGradient: unused, products },
    mixing,
  );
  averageModes(kernels, products, power, { ...mixing, lanes });
  halveOffDiagonal(power, lanes, numBins);
  temporary.release();
  return { modes, power };
}

/** The products of two different bins come twice. */
function halveOffDiagonal(power: Float64Array, lanes: number, numBins: number): void {
  for (let start = 0; start < power.length; start += lanes)
    for (let i = 0, pair = start; i < numBins; i++)
      for (let j = i; j < numBins; j++, pair++) if (j !== i) power[pair]! *= 0.5;
}
