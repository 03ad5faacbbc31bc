import { cholesky, choleskySolve } from '@lensfield/kernels';
import type { FixedParameters } from '../field-engine.ts';

/**
 * Covariance of white latents given a map in the linear model, mode by mode: (1 + S W S)^-1 with S the root of the Gaussian spectra and
 * W the diagonal matrix of `precision`, what a pixel says of g in each bin. [modes, lanes], packed upper triangles.
 */
export function wienerMatrices({ root, lanes }: FixedParameters, precision: Float64Array): Float64Array {
  const size = precision.length;
  const out = new Float64Array(root.length);
  for (let start = 0; start < root.length; start += lanes) {
    const s = unpacked(root.subarray(start, start + lanes), size);
    const factor = cholesky(inverseOf(s, precision), size);
    for (let i = 0, pair = start; i < size; i++) {
      const column = choleskySolve(factor, unit(i, size), size);
      for (let j = i; j < size; j++) out[pair++] = column[j]!;
    }
  }
  return out;
}

/** 1 + S W S. */
function inverseOf(s: Float64Array, precision: Float64Array): Float64Array {
  const size = precision.length;
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return precision.reduce((sum, w, k) => sum + s[i * size + k]! * w * s[k * size + j]!, i === j ? 1 : 0);
  });
}

function unpacked(packed: Float64Array, size: number): Float64Array {
  const full = new Float64Array(size * size);
  for (let i = 0, pair = 0; i < size; i++)
    for (let j = i; j < size; j++) full[i * size + j] = full[j * size + i] = packed[pair++]!;
  return full;
}

const unit = (at: number, size: number) => Float64Array.from({ length: size }, (_, i) => (i === at ? 1 : 0));
