import { normalCdf, normalQuantile } from '@lensfield/kernels';
import { requireFinite, requireOrdered } from './checks.ts';
import type { Distribution } from './distribution.ts';
import { logNormalDensity } from './normal.ts';

/**
 * Uniform distribution on [low, high].
 *
 * @throws {InvalidArgumentError} if a bound is not finite or `low` is not below `high`.
 */
export function uniform(options: { readonly low: number; readonly high: number }): Distribution {
  const { low, high } = options;
  requireFinite('sbi.uniform', 'low', low);
  requireFinite('sbi.uniform', 'high', high);
  requireOrdered('sbi.uniform', low, high);
  const width = high - low;
  return {
    specification: { distribution: 'uniform', low, high },
    bounds: [low, high],
    logProb: (x) => (Number.isNaN(x) ? Number.NaN : x >= low && x <= high ? -Math.log(width) : -Infinity),
    // Measured from the nearer bound, so that neither tail loses its digits to 1 - small.
    toNormal: (x) =>
      x - low <= high - x ? normalQuantile((x - low) / width) : -normalQuantile((high - x) / width),
    fromNormal: (u) => ({
      value: u <= 0 ? low + width * normalCdf(u) : high - width * normalCdf(-u),
      derivative: width * Math.exp(logNormalDensity(u)),
    }),
  };
}
