import { requireFinite, requirePositive } from './checks.ts';
import type { Distribution } from './distribution.ts';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** log of the standard normal density. */
export function logNormalDensity(u: number): number {
  return -0.5 * u * u - HALF_LOG_2PI;
}

/**
 * Normal distribution.
 *
 * @throws {InvalidArgumentError} if `mean` is not finite or `sd` is not above 0.
 */
export function normal(options: { readonly mean: number; readonly sd: number }): Distribution {
  const { mean, sd } = options;
  requireFinite('sbi.normal', 'mean', mean);
  requirePositive('sbi.normal', 'sd', sd);
  return {
    specification: { distribution: 'normal', mean, sd },
    bounds: [-Infinity, Infinity],
    logProb: (x) => logNormalDensity((x - mean) / sd) - Math.log(sd),
    toNormal: (x) => (x - mean) / sd,
    fromNormal: (u) => ({ value: mean + sd * u, derivative: sd }),
  };
}
