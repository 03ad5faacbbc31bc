import { foldIn, keyOf, normalFloat64 } from '@lensfield/kernels';
import { describe, expect, it } from 'vitest';
import { nuts, unitMetric } from '../src/index.ts';
import { independentGaussian } from './support/targets.ts';

const dimension = 2000;
const { logDensityAndGradient } = independentGaussian(new Array(dimension).fill(1));
/** Where all frequencies are one, trajectories turn after a time of pi: a little less than fifteen of these steps. */
const stepSize = (1.05 * Math.PI) / 15;

/** Steps of 400 transitions, each from an exact draw. */
function stepCounts(options: { readonly jitter?: number }): number[] {
  const { init, step } = nuts(logDensityAndGradient, { stepSize, metric: unitMetric(dimension), ...options });
  return Array.from({ length: 400 }, (_, i) => {
    const start = normalFloat64(foldIn(keyOf(3), i), dimension);
    return step(foldIn(keyOf(4), i), init(start))[1].numIntegrationSteps;
  });
}

describe('jitter of NUTS', () => {
  it('mixes trajectories of fifteen and thirty-one steps where the mean step always gives fifteen', () => {
    expect(new Set(stepCounts({ jitter: 0 }))).toEqual(new Set([15]));
    const counts = stepCounts({});
    expect(new Set(counts)).toEqual(new Set([15, 31]));
    /*
     * Fifteen steps end before the turn, at pi - 2 |z| / dimension^0.5 with z a normal number, where the factor of the step is below
     * 0.952 - 0.011: 0.35 of the range from 0.8 to 1.2. Standard error of 400: 0.024.
     */
    const share = counts.filter((count) => count === 31).length / counts.length;
    expect(Math.abs(share - 0.35)).toBeLessThan(5 * 0.024);
  });

  it.each([-0.1, 1, Number.NaN])('refuses %s', (jitter) => {
    expect(() => nuts(logDensityAndGradient, { stepSize, metric: unitMetric(dimension), jitter })).toThrow(
      'hmc.nuts: jitter must be in [0, 1)',
    );
  });
});
