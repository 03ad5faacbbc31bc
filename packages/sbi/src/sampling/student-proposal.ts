import type { Key } from '@lensfield/contracts';
import { foldIn, logGamma, normalFloat64 } from '@lensfield/kernels';

/** A multivariate Student t distribution with its centre [d] and the lower factor [d, d] of its scale matrix. */
export interface StudentProposal {
  readonly centre: Float64Array;
  readonly factor: Float64Array;
}

/** Few enough that its tails are above those of a posterior under a normal prior. */
const DEGREES_OF_FREEDOM = 5;

/** Draws [n, d], flat, with their log densities. */
export function drawStudent(
  key: Key,
  { centre, factor }: StudentProposal,
  n: number,
): { readonly points: Float64Array; readonly logProb: Float64Array } {
  const size = centre.length;
  const noise = normalFloat64(foldIn(key, 0), n * size);
  const squares = normalFloat64(foldIn(key, 1), n * DEGREES_OF_FREEDOM);
  const points = new Float64Array(n * size);
  const logProb = new Float64Array(n).fill(logNormalisation(factor, size));
  for (let row = 0; row < n; row++) {
    let chiSquare = 0;
    for (let k = 0; k < DEGREES_OF_FREEDOM; k++) chiSquare += squares[row * DEGREES_OF_FREEDOM + k] ** 2;
    const stretch = Math.sqrt(DEGREES_OF_FREEDOM / chiSquare);
    let distance = 0;
    for (let i = 0; i < size; i++) {
      let value = 0;
      for (let j = 0; j <= i; j++) value += factor[i * size + j] * noise[row * size + j];
      points[row * size + i] = centre[i] + stretch * value;
      distance += (stretch * noise[row * size + i]) ** 2;
    }
    logProb[row] -= ((DEGREES_OF_FREEDOM + size) / 2) * Math.log1p(distance / DEGREES_OF_FREEDOM);
  }
  return { points, logProb };
}

function logNormalisation(factor: Float64Array, size: number): number {
  const nu = DEGREES_OF_FREEDOM;
  let total = logGamma((nu + size) / 2) - logGamma(nu / 2) - (size / 2) * Math.log(nu * Math.PI);
  for (let i = 0; i < size; i++) total -= Math.log(factor[i * (size + 1)]);
  return total;
}
