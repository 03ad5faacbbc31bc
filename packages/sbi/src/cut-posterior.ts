import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import { foldIn, NumericalError } from '@lensfield/kernels';
import type { DirectPosterior } from './direct-posterior.ts';

/** A density over parameters that may reach beyond where it is allowed to. */
export interface LeakyDensity {
  readonly names: readonly string[];
  /** Draws, shape [n, names.length], some of them outside. */
  sample(key: Key, n: number): NdArray<Float32Array>;
  logProbMany(theta: NdArray<FloatArray>): Float64Array;
  /** Which rows are allowed. */
  containsMany(theta: NdArray<FloatArray>): boolean[];
}

/** Draws behind the leaked fraction: its standard error is at most 0.5 / sqrt(20000) = 0.0035. */
const LEAK_DRAWS = 20_000;
const LEAK_KEY: Key = [0, 0x1ea4];
const SMALLEST_ACCEPTANCE = 1e-3;

/**
 * The density cut to where it is allowed and normalised again, with the share that was cut off.
 *
 * @throws {NumericalError} if fewer than 1 in 1000 draws are allowed.
 */
export function cutPosterior(density: LeakyDensity): DirectPosterior {
  const size = density.names.length;
  const drawInside = (key: Key, n: number) => insideRows(density, density.sample(key, n));
  const accepted = drawInside(LEAK_KEY, LEAK_DRAWS).length / LEAK_DRAWS;
  if (accepted < SMALLEST_ACCEPTANCE) throw mostlyOutside(accepted);
  const logProbMany = (theta: NdArray<FloatArray>): Float64Array => {
    const inside = density.containsMany(theta);
    const logProb = density.logProbMany(theta);
    return logProb.map((value, row) => (inside[row] ? value - Math.log(accepted) : -Infinity));
  };
  return {
    names: density.names,
    leakedFraction: 1 - accepted,
    sample(key, n) {
      const data = new Float32Array(n * size);
      for (let filled = 0, round = 0; filled < n; round++) {
        const wanted = Math.ceil((1.1 * (n - filled)) / accepted) + 16;
        for (const row of drawInside(foldIn(key, round), wanted).slice(0, n - filled)) {
          data.set(row, size * filled++);
        }
      }
      return { shape: [n, size], data };
    },
    logProbMany,
    logProb: (theta) => logProbMany({ shape: [1, size], data: theta })[0],
  };
}

/** The allowed rows of draws [n, size]. */
export function insideRows(density: Pick<LeakyDensity, 'containsMany'>, draws: NdArray<Float32Array>) {
  const [n, size] = draws.shape;
  const inside = density.containsMany(draws);
  const rows = Array.from({ length: n }, (_, i) => draws.data.subarray(i * size, (i + 1) * size));
  return rows.filter((_, i) => inside[i]);
}

function mostlyOutside(accepted: number): NumericalError {
  return new NumericalError(
    'leakedFraction',
    `sbi.directPosterior: density must lie inside the prior's support; ${((1 - accepted) * 100).toFixed(2)} % of it is outside. Train in unconstrained coordinates, or check that the observation is like the simulations.`,
  );
}
