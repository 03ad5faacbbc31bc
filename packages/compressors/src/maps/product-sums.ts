import { binary, gemm, type Kernels } from '@lensfield/kernels';

/** Pixels whose products fit into the cache of a core. */
const CHUNK = 2048;

/**
 * Sums over pixels of a_i a_j b_k for a field a, [numBins, numPixels], and some fields b like it: for each pair i <= j in row order,
 * all k of the first b, all of the second, and so on. The result is overwritten by the next call.
 */
export function createProductSums(
  kernels: Kernels,
  numBins: number,
  numFields: number,
): (a: Float32Array, fields: readonly Float32Array[]) => Float64Array {
  const numPairs = (numBins * (numBins + 1)) / 2;
  const numColumns = numFields * numBins;
  const part = kernels.float32(numBins * CHUNK);
  const products = kernels.float32(numPairs * CHUNK);
  const factors = kernels.float32(numColumns * CHUNK);
  const chunkSums = kernels.float32(numPairs * numColumns);
  const sums = new Float64Array(numPairs * numColumns);
  return (a, fields) => {
    const numPixels = a.length / numBins;
    sums.fill(0);
    for (let start = 0; start < numPixels; start += CHUNK) {
      const length = Math.min(CHUNK, numPixels - start);
      takePixels(a, numBins, start, length, part);
      writeProducts(kernels, part, numBins, length, products);
      fields.forEach((field, f) => {
        takePixels(field, numBins, start, length, factors.subarray(f * numBins * length));
      });
      const [left, right] = [
        products.subarray(0, numPairs * length),
        factors.subarray(0, numColumns * length),
      ];
      gemm(kernels, left, right, chunkSums, { m: numPairs, n: numColumns, k: length, transposeB: true });
      for (let i = 0; i < sums.length; i++) sums[i] += chunkSums[i];
    }
    return sums;
  };
}

/** Some pixels of all fields, [numBins, length]. */
function takePixels(
  field: Float32Array,
  numBins: number,
  start: number,
  length: number,
  part: Float32Array,
): void {
  const numPixels = field.length / numBins;
  for (let bin = 0; bin < numBins; bin++) {
    const from = bin * numPixels + start;
    part.set(field.subarray(from, from + length), bin * length);
  }
}

/** a_i a_j of each pixel, [pairs, length]: one call of the kernels for each i. */
function writeProducts(
  kernels: Kernels,
  part: Float32Array,
  numBins: number,
  length: number,
  products: Float32Array,
): void {
  for (let i = 0, pair = 0; i < numBins; pair += numBins - i, i++) {
    const factors = part.subarray(i * length);
    const out = products.subarray(pair * length, (pair + numBins - i) * length);
    binary(kernels, 'multiply', factors, factors, out, [
      [numBins - i, 0, length],
      [length, 1, 1],
    ]);
  }
}
