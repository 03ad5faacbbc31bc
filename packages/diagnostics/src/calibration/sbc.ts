import { type CalibrationSet, checkCalibrationSet } from './_simulations.ts';

/** Ranks of true values among posterior draws. */
export interface SbcRanks {
  /** Number of draws below the true value, 0 ... numDraws, shape [d, numSimulations]: one row per parameter. */
  readonly ranks: readonly Int32Array[];
  readonly numDraws: number;
}

/**
 * Simulation-based calibration: the rank of each true parameter among its posterior draws. Uniform on 0 ... numDraws for a right
 * posterior; test with {@link rankUniformity}. A hump: too wide; a bowl: too narrow; a slope: shifted.
 *
 * @throws {InvalidArgumentError} if the shapes do not fit or a value is not finite.
 *
 * The draws of a simulation must be independent (thin a chain first); ties with the true value count as above.
 * Source: Talts et al. (2018), algorithm 1.
 */
export function sbcRanks(set: CalibrationSet): SbcRanks {
  const { numSimulations, numDraws, dimension } = checkCalibrationSet(set, 'sbcRanks');
  const ranks = Array.from({ length: dimension }, () => new Int32Array(numSimulations));
  for (let s = 0; s < numSimulations; s++) {
    for (let draw = 0; draw < numDraws; draw++) {
      const at = (s * numDraws + draw) * dimension;
      for (let j = 0; j < dimension; j++) {
        if (set.samples.data[at + j] < set.theta.data[s * dimension + j]) ranks[j][s]++;
      }
    }
  }
  return { ranks, numDraws };
}
