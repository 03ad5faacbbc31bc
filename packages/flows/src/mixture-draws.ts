import type { Key } from '@lensfield/contracts';
import { foldIn, normal, uniformFloat64 } from '@lensfield/kernels';
import type { Components } from './gaussian-mixture.ts';

/** Draws of the components of one call, in the flow's coordinates. */
export interface MixtureDraws {
  /** Base normals, [n, dimension]. */
  readonly normals: Float32Array;
  /** Uniform numbers that choose the components, [n]. */
  readonly choices: Float64Array;
}

/** Folds of the key. */
const NORMALS = 0;
const CHOICES = 1;

/** The random numbers of n draws. */
export function mixtureDraws(key: Key, n: number, dimension: number): MixtureDraws {
  return {
    normals: normal(foldIn(key, NORMALS), n * dimension),
    choices: uniformFloat64(foldIn(key, CHOICES), n),
  };
}

/**
 * One draw for each base row from `start` to `end`, from the components of its context (of the only one, where there is one):
 * z = mean + u A^-1, by substitution. Shape [end - start, dimension].
 */
export function drawFrom(
  components: Components,
  { normals, choices }: MixtureDraws,
  start: number,
  end: number,
): Float32Array {
  const [rows, count, size] = components.means.shape;
  const [logWeights, means, above, logDiagonals] = [
    components.logWeights.dataSync(),
    components.means.dataSync(),
    components.above.dataSync(),
    components.logDiagonals.dataSync(),
  ] as Float32Array[];
  const out = new Float32Array((end - start) * size);
  for (let i = start; i < end; i++) {
    const row = rows === 1 ? 0 : i - start;
    const component = row * count + chosen(logWeights!.subarray(row * count, (row + 1) * count), choices[i]!);
    const z = out.subarray((i - start) * size, (i - start + 1) * size);
    for (let column = 0; column < size; column++) {
      let u = normals[i * size + column]!;
      for (let k = 0; k < column; k++) u -= z[k]! * above![(component * size + k) * size + column]!;
      z[column] = u / Math.exp(logDiagonals![component * size + column]!);
    }
    for (let column = 0; column < size; column++) z[column]! += means![component * size + column]!;
  }
  return out;
}

/** The component in whose share of [0, 1) the number lies. */
function chosen(logWeights: Float32Array, u: number): number {
  let sum = 0;
  for (let k = 0; k < logWeights.length - 1; k++) {
    sum += Math.exp(logWeights[k]!);
    if (u < sum) return k;
  }
  return logWeights.length - 1;
}
