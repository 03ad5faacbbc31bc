import { requireFinite, requirePositive } from './checks.ts';
import type { Distribution } from './distribution.ts';
import { logNormalDensity } from './normal.ts';

/**
 * Log-normal distribution: log x is normal with mean `meanLog` and standard deviation `sdLog` (natural logarithm).
 *
 * @throws {InvalidArgumentError} if `meanLog` is not finite or `sdLog` is not above 0.
 */
export function logNormal(options: { readonly meanLog: number; readonly sdLog: number }): Distribution {
  const { meanLog, sdLog } = options;
  requireFinite('sbi.logNormal', 'meanLog', meanLog);
  requirePositive('sbi.logNormal', 'sdLog', sdLog);
  return {
    specification: { distribution: 'logNormal', meanLog, sdLog },
    bounds: [0, Infinity],
    logProb: (x) => {
      if (!(x > 0)) return Number.isNaN(x) ? Number.NaN : -Infinity;
      const logX = Math.log(x);
      return logNormalDensity((logX - meanLog) / sdLog) - Math.log(sdLog) - logX;
    },
    toNormal: (x) => (Math.log(x) - meanLog) / sdLog,
    fromNormal: (u) => {
      const value = Math.exp(meanLog + sdLog * u);
      return { value, derivative: sdLog * value };
    },
  };
}
