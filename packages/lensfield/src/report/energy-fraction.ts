import type { FloatArray, NdArray } from '@lensfield/contracts';

/**
 * Mean squared change of the energy from draw to draw over its variance, one value per chain of energies [chains, draws].
 *
 * Source: Betancourt (2016), arXiv:1604.00695, section 4 (E-BFMI).
 */
export function energyFractions({ shape, data }: NdArray<FloatArray>): number[] {
  const [numChains, numDraws] = shape;
  return Array.from({ length: numChains }, (_, c) => {
    const chain = Float64Array.from(data.subarray(c * numDraws, (c + 1) * numDraws));
    const mean = chain.reduce((sum, energy) => sum + energy, 0) / numDraws;
    let changes = 0;
    let variance = 0;
    for (let t = 0; t < numDraws; t++) {
      variance += (chain[t] - mean) ** 2;
      if (t > 0) changes += (chain[t] - chain[t - 1]) ** 2;
    }
    return changes / variance;
  });
}
