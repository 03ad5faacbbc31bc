import type { Key } from '@lensfield/contracts';
import { uniformFloat64 } from '@lensfield/kernels';
import { type CalibrationSet, checkCalibrationSet } from './_simulations.ts';

export interface SbcOptions extends CalibrationSet {
  /** Places a truth among draws that are equal to it. Default: it counts as the least of them. */
  readonly key?: Key;
}

/** Ranks of true values among posterior draws. */
export interface SbcRanks {
  /** Number of draws below the true value, 0 ... numDraws, shape [d, numSimulations]: one row per parameter. */
  readonly ranks: readonly Int32Array[];
  readonly numDraws: number;
}

/**
 * Simulation-based calibration: the rank of each true parameter among its posterior draws. Uniform on 0 ... numDraws for a right
 * posterior; test with {@link rankScores} and {@link rankUniformity}. A hump: too wide; a bowl: too narrow; a slope: shifted.
 *
 * @throws {InvalidArgumentError} if the shapes do not fit or a value is not finite.
 *
 * The draws of a simulation must be independent (thin a chain first).
 * Source: Talts et al. (2018), algorithm 1.
 */
export function sbcRanks(options: SbcOptions): SbcRanks {
  const { samples, theta, key } = options;
  const { numSimulations, numDraws, dimension } = checkCalibrationSet(options, 'sbcRanks');
  const u = key && uniformFloat64(key, theta.data.length);
  const ranks = Array.from({ length: dimension }, () => new Int32Array(numSimulations));
  for (let at = 0; at < theta.data.length; at++) {
    const [s, j] = [Math.floor(at / dimension), at % dimension];
    let [numBelow, numEqual] = [0, 0];
    for (let draw = 0; draw < numDraws; draw++) {
      const value = samples.data[(s * numDraws + draw) * dimension + j];
      if (value < theta.data[at]) numBelow++;
      else if (value === theta.data[at]) numEqual++;
    }
    ranks[j][s] = numBelow + (u ? Math.floor(u[at] * (numEqual + 1)) : 0);
  }
  return { ranks, numDraws };
}
