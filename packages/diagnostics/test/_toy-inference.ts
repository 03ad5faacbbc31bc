import { keyOf, normalFloat64, splitKey } from '@lensfield/kernels';

/** How far a posterior is from right, in units of the right one's standard deviation. */
export interface Fault {
  readonly width?: number;
  readonly shift?: number;
}

/**
 * theta ~ N(0, 1) in `dimension` coordinates and x = theta + N(0, 1): the posterior is N(x / 2, 1 / 2). Draws from it, or from one with a
 * fault, and log densities under it.
 */
export function toyInference(
  seed: number,
  { width = 1, shift = 0 }: Fault = {},
  numSimulations = 500,
  numDraws = 200,
  dimension = 2,
) {
  const [thetaKey, noiseKey, drawKey] = splitKey(keyOf(seed), 3);
  const theta = normalFloat64(thetaKey, numSimulations * dimension);
  const noise = normalFloat64(noiseKey, theta.length);
  const sd = Math.SQRT1_2;
  const centre = theta.map((value, i) => (value + noise[i]) / 2 + shift * sd);
  const columnOf = (i: number) => Math.floor(i / (numDraws * dimension)) * dimension + (i % dimension);
  const samples = normalFloat64(drawKey, numSimulations * numDraws * dimension).map(
    (z, i) => centre[columnOf(i)] + width * sd * z,
  );
  const logProbs = (points: Float64Array, perSimulation: number) =>
    Float64Array.from({ length: points.length / dimension }, (_, row) => {
      let sum = 0;
      for (let j = 0; j < dimension; j++) {
        const at = Math.floor(row / perSimulation) * dimension + j;
        sum -= 0.5 * ((points[row * dimension + j] - centre[at]) / (width * sd)) ** 2;
      }
      return sum;
    });
  return {
    samples: { shape: [numSimulations, numDraws, dimension], data: samples },
    theta: { shape: [numSimulations, dimension], data: theta },
    sampleLogProb: { shape: [numSimulations, numDraws], data: logProbs(samples, numDraws) },
    thetaLogProb: logProbs(theta, 1),
  };
}

/** Faults that every calibration test must see with 500 simulations. */
export const FAULTS: readonly [string, Fault][] = [
  ['1.5 times too wide', { width: 1.5 }],
  ['1.5 times too narrow', { width: 1 / 1.5 }],
  ['shifted by half a standard deviation', { shift: 0.5 }],
];
