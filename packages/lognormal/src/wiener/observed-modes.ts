import { averageModes, type Kernels, mixModesGradient, quadrantLength, rfft2 } from '@lensfield/kernels';
import type { Buffers } from '../buffers.ts';
import { halfPlaneLength } from '../latent-field.ts';

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
  const modes = buffers.float32(halfPlaneLength(numBins, mapSize));
  const power = buffers.float64(count * lanes);
  const [scaled, unused] = [kernels.float32(data.length), kernels.float32(modes.length)];
  const [quadrant, products] = [
    kernels.float32(quadrantLength(mixing)),
    kernels.float32(quadrantLength(mixing)),
  ];
  for (let i = 0; i < data.length; i++) scaled[i] = data[i]! / noise[Math.floor(i / pixels)]!;
  rfft2(kernels, scaled, modes, { batch: numBins, rows: mapSize, columns: mapSize });
  mixModesGradient(
    kernels,
    { quadrant, input: modes, cotangent: modes, inputGradient: unused, products },
    mixing,
  );
  averageModes(kernels, products, power, { ...mixing, lanes });
  halveOffDiagonal(power, lanes, numBins);
  for (const array of [scaled, unused, quadrant, products]) kernels.free(array);
  return { modes, power };
}

/** The products of two different bins come twice. */
function halveOffDiagonal(power: Float64Array, lanes: number, numBins: number): void {
  for (let start = 0; start < power.length; start += lanes)
    for (let i = 0, pair = start; i < numBins; i++)
      for (let j = i; j < numBins; j++, pair++) if (j !== i) power[pair]! *= 0.5;
}
