import { addScaled, dot, irfft2, layOutModes, mixModes, modeVariances, rfft2 } from '@lensfield/kernels';
import { mapArrays } from '../buffers.ts';
import type { FixedParameters } from '../field-engine.ts';
import { createFieldLikelihood, type FieldLikelihoodOptions } from '../field-likelihood.ts';
import type { QuasiNewtonTarget } from './quasi-newton.ts';
import { wienerMatrices } from './wiener-matrix.ts';

/** log p(z | map, theta) at fixed theta up to a constant, as a density of the modes of the white latents z. */
export interface LatentPosterior extends QuasiNewtonTarget {
  /** Caller's input: the map, [bins, N, N]. */
  readonly data: Float32Array;
  /** A nat in the units of the density: N^2 / 2, which spares factors in front of the modes. */
  readonly nat: number;
  /** z [bins, N, N] of their modes. */
  toLatents(modes: Float32Array, latents: Float32Array): void;
}

/**
 * In modes a step costs two transforms, not four, and the preconditioner none. A mode of the half plane stands for itself and its
 * mirror, but in the first column (and the last of an even grid) for itself alone: there gradients count half.
 */
export function createLatentPosterior(
  options: FieldLikelihoodOptions,
  { root, shifts, lanes }: FixedParameters,
): LatentPosterior {
  const { kernels, buffers, mapSize, numBins, noise } = options;
  const mixing = { size: mapSize, fields: numBins };
  const packed = { ...mixing, lanes };
  const grid = { batch: numBins, rows: mapSize, columns: mapSize };
  const likelihood = createFieldLikelihood(options);
  const { field, halfPlane, quadrant } = mapArrays(buffers, options);
  const [data, gaussian, gradientField] = [field(), field(), field()];
  const [rootQuadrant, wienerQuadrant] = [quadrant(), quadrant()];
  const work = halfPlane();
  const edges = edgeElements(numBins, mapSize);
  const nat = (mapSize * mapSize) / 2;
  likelihood.setModel(root, shifts);
  layOutModes(kernels, root, rootQuadrant, packed);
  const variance = new Float64Array(numBins);
  modeVariances(kernels, root, variance, packed);
  /* The mean of the squared slope of kappa(g), shift^2 exp(variance), over the noise. */
  const precision = noise.map((sd, bin) => (shifts[bin]! / sd) ** 2 * Math.exp(variance[bin]!));
  layOutModes(kernels, wienerMatrices({ root, shifts, lanes }, precision), wienerQuadrant, packed);

  const scaleEdges = (modes: Float32Array, factor: number) => {
    for (const at of edges) modes[at]! *= factor;
  };
  const edgeSquares = (modes: Float32Array) => edges.reduce((sum, at) => sum + modes[at]! ** 2, 0);

  return {
    length: work.length,
    data,
    nat,
    logDensityAndGradient(modes, gradient) {
      mixModes(kernels, rootQuadrant, modes, work, mixing);
      irfft2(kernels, work, gaussian, grid);
      const logLikelihood = likelihood.logLikelihood(gaussian, data, gradientField);
      rfft2(kernels, gradientField, work, grid);
      mixModes(kernels, rootQuadrant, work, gradient, mixing);
      addScaled(kernels, -1, modes, gradient);
      scaleEdges(gradient, 0.5);
      return nat * logLikelihood - 0.5 * (dot(kernels, modes, modes) - 0.5 * edgeSquares(modes));
    },
    precondition(gradient, direction) {
      work.set(gradient);
      scaleEdges(work, 2);
      mixModes(kernels, wienerQuadrant, work, direction, mixing);
    },
    toLatents(modes, latents) {
      work.set(modes);
      irfft2(kernels, work, latents, grid);
    },
  };
}

/** Places of the first column of each half plane, and of the last where the grid is even: real and imaginary parts. */
function edgeElements(numBins: number, mapSize: number): Int32Array {
  const width = 2 * (Math.floor(mapSize / 2) + 1);
  const columns = mapSize % 2 === 0 ? [0, 1, width - 2, width - 1] : [0, 1];
  return Int32Array.from({ length: numBins * mapSize * columns.length }, (_, i) => {
    const row = Math.floor(i / columns.length);
    return row * width + columns[i % columns.length]!;
  });
}
