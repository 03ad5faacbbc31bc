import type { LogDensityAndGradient, NdArray } from '@lensfield/contracts';
import { runChains } from '@lensfield/hmc';
import { keyOf } from '@lensfield/kernels';
import type { JointPrior } from '@lensfield/sbi';
import { describe, expect, test } from 'vitest';
import { locateDivergences } from '../src/recipes/divergences.ts';

const NUM_WARMUP = 500;
const NUM_SAMPLES = 3000;

/** Names and no change of coordinates: what the location of divergences asks of a prior. */
function plainPrior(names: readonly string[]): JointPrior {
  return { names, fromUnconstrained: (u: Float64Array) => ({ theta: u }) } as unknown as JointPrior;
}

async function located(
  names: readonly string[],
  logDensityAndGradient: LogDensityAndGradient,
  targetAcceptanceRate: number,
) {
  const dimension = names.length;
  const { samples, chains } = await runChains({
    target: {
      dimension,
      logDensityAndGradient,
      initialPosition: () => new Float64Array(dimension).fill(Math.SQRT2 / 10),
    },
    numChains: 4,
    key: keyOf(21),
    numWarmup: NUM_WARMUP,
    numSamples: NUM_SAMPLES,
    adaptation: { targetAcceptanceRate },
  });
  const divergences = chains.map((chain) => chain.divergences);
  const found = locateDivergences(
    plainPrior(names),
    samples as NdArray<Float64Array>,
    divergences,
    NUM_WARMUP,
  );
  return { found, numDivergences: divergences.reduce((sum, chain) => sum + chain.numSampling, 0) };
}

/** Neal's funnel as it stands: log scale v ~ N(0, 3), x_i ~ N(0, e^(v/2)). */
const funnel: LogDensityAndGradient = ([v, ...x], gradient) => {
  const precision = Math.exp(-v!);
  const squares = x.reduce((sum, value) => sum + value * value, 0);
  gradient[0] = -v! / 9 + (precision * squares - x.length) / 2;
  for (const [i, value] of x.entries()) gradient[i + 1] = -precision * value;
  return -(v! ** 2) / 18 - (precision * squares + x.length * v!) / 2;
};

/** Standard normal numbers with holes of no density so thin and close that they are met anywhere alike. */
const perforated: LogDensityAndGradient = (position, gradient) => {
  const phase = position.reduce((sum, value, i) => sum + (1e5 + 1e4 * i) * value, 0);
  for (let i = 0; i < position.length; i++) gradient[i] = -position[i]!;
  if (phase - Math.floor(phase) < 0.003) return Number.NEGATIVE_INFINITY;
  return -position.reduce((sum, value) => sum + value * value, 0) / 2;
};

describe('where divergences are', () => {
  test('in a centred funnel: at the low end of the log scale, and of nothing else', async () => {
    const { found, numDivergences } = await located(['v', 'x1', 'x2', 'x3'], funnel, 0.8);
    expect(numDivergences).toBeGreaterThan(20);
    expect(found.map(({ end }) => end)).toEqual(['low', undefined, undefined, undefined]);
    expect(found[0]!.offset).toBeLessThan(-0.5);
  });

  test('where a density has holes everywhere: at the end of no parameter', async () => {
    const { found, numDivergences } = await located(['a', 'b', 'c'], perforated, 0.8);
    expect(numDivergences).toBeGreaterThan(20);
    for (const { end, zScore } of found) {
      expect(end).toBeUndefined();
      // At most standard normal where divergences happen anywhere.
      expect(Math.abs(zScore)).toBeLessThan(3);
    }
  });
});
